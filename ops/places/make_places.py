#!/usr/bin/env python3
"""Makes engine/match/places.csv and boundaries.bin, the places known here, from published data.

Usage: make_places.py FOLDER engine/match

For maintainers, when councils change; nothing in a build runs it. FOLDER holds

  uk-local-authorities-registry.csv   mysociety/uk_local_authority_names_and_codes: councils, their
                                      codes, who replaced whom, region and county
  uk-local-authorities.geojson        martinjc/UK-GeoJSON: boundaries of 2013 to 2014, by code
  uk-countries.geojson                alphagov/emergency-alerts-admin: the four countries
  WD25_LAD25_UK_LU.csv                the same repository: names and codes of 2025

What the columns mean and whom to credit is in schemas/places.md. Standard library only.
"""

import csv
import json
import math
import pathlib
import sys
from collections import Counter

import boundaries

UNITED_KINGDOM, GREAT_BRITAIN, ENGLAND_AND_WALES = "K02000001", "K03000001", "K04000001"
COUNTRIES = {  # in the order in which each is contained in the next
    "E92000001": ("England", "Lloegr", [ENGLAND_AND_WALES, GREAT_BRITAIN, UNITED_KINGDOM]),
    "W92000004": ("Wales", "Cymru", [ENGLAND_AND_WALES, GREAT_BRITAIN, UNITED_KINGDOM]),
    "S92000003": ("Scotland", "Yr Alban", [GREAT_BRITAIN, UNITED_KINGDOM]),
    "N92000002": ("Northern Ireland", "Gogledd Iwerddon", [UNITED_KINGDOM]),
}
UNIONS = {
    UNITED_KINGDOM: ("United Kingdom", "Y Deyrnas Unedig", []),
    GREAT_BRITAIN: ("Great Britain", "Prydain Fawr", [UNITED_KINGDOM]),
    ENGLAND_AND_WALES: ("England and Wales", "Cymru a Lloegr", [GREAT_BRITAIN, UNITED_KINGDOM]),
}
REGIONS = {
    "North East": "E12000001",
    "North West": "E12000002",
    "Yorkshire and The Humber": "E12000003",
    "East Midlands": "E12000004",
    "West Midlands": "E12000005",
    "East of England": "E12000006",
    "London": "E12000007",
    "South East": "E12000008",
    "South West": "E12000009",
    "Wales": "W92000004",
    "Scotland": "S92000003",
    "Northern Ireland": "N92000002",
}
WELSH_NAMES = {"W06000001": "Ynys Môn"}  # where the source has lost its accents
AUTHORITY_TYPES = {"NMD", "UA", "MD", "SCO", "LBO", "CC", "WPA", "NID"}
COUNTY_TYPE = "CTY"

# Borders were thinned by this much, and a box must never be smaller than its place.
MARGIN_DEGREES = 0.001

HEADER = """\
# Made by ops/places/make_places.py; see schemas/places.md.
# Contains OS data (c) Crown copyright and database right. Contains National Statistics data
# (c) Crown copyright and database right. Contains OSNI data (c) Crown copyright. Used under the
# Open Government Licence v3.0.
# Boundaries: UK-GeoJSON by Martin Chorley (github.com/martinjc/UK-GeoJSON), CC BY 4.0; thinned to
# about 100 m, and joined where councils were merged. Countries and the lookup of 2025: GOV.UK
# Emergency Alerts (github.com/alphagov/emergency-alerts-admin), MIT, ONS data. Names and
# successions: mySociety (github.com/mysociety/uk_local_authority_names_and_codes), MIT.
"""


class Place:
    def __init__(self, code, name, name_cy, kind, parents):
        self.code, self.name, self.name_cy = code, name, name_cy
        self.kind, self.parents, self.box = kind, parents, None

    def widen(self, box):
        """Takes in another box: (south, west, north, east)."""
        if box is None:
            return
        mine = self.box or box
        self.box = (min(mine[0], box[0]), min(mine[1], box[1]),
                    max(mine[2], box[2]), max(mine[3], box[3]))


def box_of(geometry):
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    points = [point for polygon in polygons for ring in polygon for point in ring]
    longitudes = [point[0] for point in points]
    latitudes = [point[1] for point in points]
    return min(latitudes), min(longitudes), max(latitudes), max(longitudes)


def read_csv(file):
    with open(file, encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def read_features(file, code_property):
    with open(file, encoding="utf-8") as text:
        features = json.load(text)["features"]
    return {feature["properties"][code_property]: feature for feature in features}


class Registry:
    """The councils, with successions followed to their end."""

    def __init__(self, folder):
        self.rows = [row for row in read_csv(folder / "uk-local-authorities-registry.csv")
                     if row["gss-code"]
                     and row["local-authority-type"] in AUTHORITY_TYPES | {COUNTY_TYPE}]
        self.by_letters = {row["local-authority-code"]: row for row in self.rows}
        self.names = {}
        codes_of_name = {}
        for row in read_csv(folder / "WD25_LAD25_UK_LU.csv"):
            self.names[row["LAD25CD"]] = row["LAD25NM"]
            codes_of_name[row["LAD25NM"]] = row["LAD25CD"]
        self.former = {}  # former code -> current code
        for row in self.rows:
            if self.is_current(row):
                self.recode(row, codes_of_name)
        self.split = []  # former counties with several successors: they stay, as containers
        for row in self.rows:
            if not self.is_current(row):
                successors = self.successors(row)
                if len(successors) == 1:
                    self.former[row["gss-code"]] = successors[0]["gss-code"]
                else:
                    self.split.append((row, successors))

    @staticmethod
    def is_current(row):
        return row["current-authority"] == "True"

    def recode(self, row, codes_of_name):
        """Takes the code of 2025 where a council of the same name has a newer one."""
        for code in filter(None, row["former-gss-codes"].split(",")):
            self.former[code.strip()] = row["gss-code"]
        if row["local-authority-type"] == COUNTY_TYPE or row["gss-code"] in self.names:
            return
        newer = codes_of_name[row["nice-name"]]
        self.former[row["gss-code"]] = newer
        self.former = {old: newer if new == row["gss-code"] else new
                       for old, new in self.former.items()}
        row["gss-code"] = newer

    def successors(self, row):
        if self.is_current(row):
            return [row]
        found = []
        for letters in row["replaced-by"].split(","):
            found += self.successors(self.by_letters[letters])
        return found

    def name(self, row):
        name = self.names.get(row["gss-code"], row["nice-name"]).strip()
        return name.split(", City of")[0].split(", County of")[0]


def region_of_county(registry, county):
    """The registry gives some counties a neighbour's region; their districts are right."""
    votes = Counter(row["region"] for row in registry.rows
                    if row["county-la"] == county["local-authority-code"] and row["region"])
    return votes.most_common(1)[0][0]


def collect_places(registry):
    places = {}

    def add(code, name, name_cy, kind, parents):
        places[code] = Place(code, name, name_cy, kind, parents)

    def chain(code):
        return [code] + places[code].parents

    for code, (name, name_cy, parents) in UNIONS.items():
        add(code, name, name_cy, "union", parents)
    for code, (name, name_cy, parents) in COUNTRIES.items():
        add(code, name, name_cy, "country", parents)
    for name, code in REGIONS.items():
        if code not in places:
            add(code, name, "", "region", chain("E92000001"))
    containers = [row for row in registry.rows if row["local-authority-type"] == COUNTY_TYPE
                  and registry.is_current(row)] + [row for row, _ in registry.split]
    for row in containers:
        region = REGIONS[region_of_county(registry, row)]
        add(row["gss-code"], row["nice-name"], "", "county", chain(region))
    county_of = {row["gss-code"]: registry.by_letters[row["county-la"]]["gss-code"]
                 for row in registry.rows if row["county-la"] and registry.is_current(row)}
    for row, successors in registry.split:
        county_of.update({successor["gss-code"]: row["gss-code"] for successor in successors})
    for row in registry.rows:
        if registry.is_current(row) and row["gss-code"] not in places:
            parent = county_of.get(row["gss-code"], REGIONS[row["region"]])
            add(row["gss-code"], registry.name(row), "", "authority", chain(parent))
    return places


def add_boxes(places, registry, authorities, countries):
    for code, feature in authorities.items():
        code = registry.former.get(code, code)
        place = places[code]
        box = box_of(feature["geometry"])
        for wider in [place] + [places[parent] for parent in place.parents]:
            wider.widen(box)
        name_cy = WELSH_NAMES.get(code, feature["properties"]["name_cy"])
        if place.code.startswith("W06") and name_cy:
            place.name_cy = name_cy
    for code, feature in countries.items():
        for wider in [places[code]] + [places[parent] for parent in places[code].parents]:
            wider.widen(box_of(feature["geometry"]))


def box_text(box):
    """Three decimals (100 m), rounded outwards."""
    south, west = (math.floor((edge - MARGIN_DEGREES) * 1000) / 1000 for edge in box[:2])
    north, east = (math.ceil((edge + MARGIN_DEGREES) * 1000) / 1000 for edge in box[2:])
    return " ".join(f"{edge:.3f}" for edge in (south, west, north, east))


def parts_of(places, registry, authorities):
    """Current authority -> the boundaries of 2013 it is made of."""
    parts = {place.code: [] for place in places.values() if place.kind == "authority"}
    for code, feature in sorted(authorities.items()):
        parts[registry.former.get(code, code)].append(feature["geometry"])
    missing = [code for code in parts if not parts[code]]
    if missing:
        sys.exit(f"no boundary for {', '.join(missing)}")
    return parts


def write_table(file, places, registry):
    names = {row["gss-code"]: row["nice-name"] for row in registry.rows}
    with open(file, "w", encoding="utf-8", newline="") as lines:
        lines.write(HEADER)
        out = csv.writer(lines, lineterminator="\n")
        out.writerow(["code", "name", "name_cy", "kind", "parents", "box"])
        for code in sorted(places):
            place = places[code]
            out.writerow([code, place.name, place.name_cy, place.kind, " ".join(place.parents),
                          box_text(place.box)])
        for code in sorted(registry.former):
            successor = registry.former[code]
            name = names.get(code) or places[successor].name
            out.writerow([code, name, "", "former", successor, ""])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    registry = Registry(folder)
    places = collect_places(registry)
    authorities = read_features(folder / "uk-local-authorities.geojson", "code")
    add_boxes(places, registry, authorities,
              read_features(folder / "uk-countries.geojson", "ctry19cd"))
    parts = parts_of(places, registry, authorities)
    write_table(target / "places.csv", places, registry)
    (target / "boundaries.bin").write_bytes(boundaries.packed(parts, HEADER))


if __name__ == "__main__":
    main()
