#include "tests/house/function_lengths.hpp"

#include <doctest/doctest.h>

#include "tests/house/code_text.hpp"

using namespace house;

namespace {

/// "name:line+lines" of every function, separated by spaces.
std::string told(std::string_view text) {
  const auto functions = functions_of(text);
  if (!functions) return "unbalanced";
  std::string all;
  for (const Function& function : *functions) {
    if (!all.empty()) all += " | ";
    all +=
        function.name + ":" + std::to_string(function.line) + "+" + std::to_string(function.lines);
  }
  return all;
}

}  // namespace

TEST_CASE("a function is counted from its head to its closing brace") {
  CHECK(told("int f() { return 1; }\n") == "int f:1+1");
  CHECK(told("\nint f(int a,\n      int b) {\n  return a;\n}\n") == "int f:2+4");
  CHECK(told("template <class T>\nT f(T t) {\n}\n") == "T f:1+3");
  CHECK(told("namespace a {\nnamespace {\nvoid f() {\n}\n}\n}\n") == "void f:3+2");
}

TEST_CASE("members count one by one and the class does not") {
  CHECK(told("class A final : public B {\n public:\n  A() {}\n  int f() const {\n    return 1;\n"
             "  }\n private:\n  int a_ = 0;\n};\n") == "A:3+1 | int f:4+3");
  CHECK(told("struct alignas(64) A {\n  bool operator==(const A&) const { return true; }\n};") ==
        "bool operator==:2+1");
  CHECK(told("struct A {\n  int b{1};\n  enum class C : int { d, e };\n  int operator()() {\n  "
             "}\n};") == "int operator:4+2");
}

TEST_CASE("members that are initialised in braces do not end a constructor's head") {
  CHECK(told("A::A(int a)\n    : b_(a), c_{a, {1}}, d_{} {\n  go();\n}\nvoid f() {\n}\n") ==
        "A::A:1+4 | void f:5+2");
  CHECK(told("A::A() : B<int>{3} {\n}\n") == "A::A:1+2");
}

TEST_CASE("nested blocks and lambdas and local types are lines of their function") {
  CHECK(told("void f() {\n  if (a) {\n    g([] {\n    });\n  }\n  struct L {\n    void m() {}\n  "
             "};\n}") == "void f:1+9");
}

TEST_CASE("a table is not a function but a named lambda is") {
  CHECK(told("const int kTable[] = {\n  1,\n  2,\n};\nstd::vector<int> x{1};\nint y{};\n") == "");
  CHECK(told("constexpr auto kF = [](int a) {\n  return a;\n};\n") == "constexpr auto kF = []:1+3");
  CHECK(told("template <class T>\nconcept C = requires(T t) {\n  t.f();\n};\nvoid f() {}\n") ==
        "void f:5+1");
}

TEST_CASE("braces in texts and comments and directives are not braces") {
  CHECK(told("void f() {\n  g(\"{{{\", '{', \"\\\"{\");\n  // {\n  /* {\n */\n}\n") ==
        "void f:1+6");
  CHECK(told("void f() {\n  g(R\"x({{ \" )\" \n)x\");\n}\n") == "void f:1+4");
  CHECK(told("#define BODY {   \\\n  {\nvoid f() { int n = 1'000'000; }\n") == "void f:3+1");
  CHECK(told("void f() {\n  const char c = 'a';\n  const auto d = u8'{';\n}\n") == "void f:1+4");
}

TEST_CASE("default arguments and trailing results and attributes stay in the head") {
  CHECK(told("[[nodiscard]] auto f(A a = {}, int b = 2) -> std::vector<int> {\n}\n") ==
        "auto f:1+2");
  CHECK(told("A f() noexcept(true) {\n}\nstruct B g() {\n}\n") == "A f:1+2 | struct B g:3+2");
  CHECK(told("TEST_CASE(\"a; b {\") {\n}\n") == "TEST_CASE:1+2");
}

TEST_CASE("braces that do not balance are told rather than guessed") {
  CHECK(told("void f() {\n") == "unbalanced");
  CHECK(told("}\n") == "unbalanced");
}

TEST_CASE("a shape keeps every line where it was") {
  const std::string text = "a /* x\ny */ b // c\n#if 1\n\"d\"\n";
  CHECK(shape_of(text) == "a     \n     b     \n     \n\" \"\n");
}
