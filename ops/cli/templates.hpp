#pragma once
// Alerts prepared in quiet times: a folder of TOML files with blanks to fill
// (ops/templates/README.md). A template is read whole and refused whole; filling it gives infos
// without a place, since the place is never known beforehand. Pure but for reading the files.
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/cap/alert.hpp"
#include "ops/cli/outcome.hpp"

namespace ops::cli {

// Bounds of what a template may hold: more is not read by anybody in an emergency.
inline constexpr std::size_t kTemplateBytesMax = 64UL << 10;
inline constexpr std::size_t kTemplatesMax = 500;        // files of one folder
inline constexpr std::size_t kBlanksMax = 20;            // of one template
inline constexpr std::size_t kBlankLettersMax = 200;     // what fills one; a blank may ask for less
inline constexpr std::size_t kHeadlineLettersMax = 160;  // CAP's own advice
inline constexpr std::size_t kTextLettersMax = 1395;     // what one cell broadcast holds

struct Blank {
  std::string name, about, example;
  std::size_t letters_max = 80;
};

/// The alert, or the update that follows it.
struct TemplatePart {
  std::vector<engine::cap::Info> infos;  // one a language; texts hold {blanks}
  std::vector<std::string> area_descs;   // beside each info
  std::optional<engine::Duration> expires_in;
};

struct Template {
  std::string name;  // of the file, without .toml
  std::string about;
  std::vector<Blank> blanks;
  TemplatePart alert;
  std::optional<TemplatePart> update;
  std::string correction;  // the Cancel's reason; empty where the template has none
};

/// Reads one; the failure names the line and the key.
engine::Result<Template> parse_template(std::string_view toml, const std::string& name);

/// Every {blank} of its texts is described, and every one described is used.
engine::Result<void> blanks_are_used(const Template& whole);

/// A name of a template in `folder`, or the path of a file.
Outcome<Template> read_template(const std::string& folder, const std::string& name);

/// All of a folder, by name. One that cannot be read is a trouble: better today than in need.
Outcome<std::vector<Template>> read_templates(const std::string& folder);

/// Where templates are when nobody says: beside the program.
std::string templates_folder(const std::string& given);

/// What fills the blanks, by name.
using Fillings = std::map<std::string, std::string>;

/// "street=High Street", each once.
engine::Result<Fillings> parse_fillings(const std::vector<std::string>& texts);

/// A template with its blanks filled: which part, and the correction that goes with it.
struct Filled {
  std::vector<engine::cap::Info> infos;  // each with one area that has a name and no shape
  std::optional<engine::Duration> expires_in;
  std::string correction;
};
enum class Part { alert, update };

/// Every blank the part uses must be filled, every filling must be a blank of the template, within
/// its bound and on one line; the failure names each that is not.
engine::Result<Filled> fill(const Template& whole, Part part, const Fillings& fillings);

/// The blanks a part uses, in the order of the template.
std::vector<const Blank*> blanks_of(const Template& whole, Part part);

}  // namespace ops::cli
