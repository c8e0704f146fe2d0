"""Boundaries of authorities: joined where councils were merged, and packed into few octets.

The form of the file is in schemas/places.md. Standard library only.
"""

GRID = 10_000  # units a degree: the published borders have four decimals


def rings_of(geometry):
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    for polygon in polygons:
        for ring in polygon:
            yield [(round(x * GRID), round(y * GRID)) for x, y in ring]


def odd_edges(geometries):
    """The edges that occur an odd number of times: borders between the parts cancel each other,
    and so do spurs without width, which thinning has left."""
    edges = set()
    for geometry in geometries:
        for ring in rings_of(geometry):
            for a, b in zip(ring, ring[1:]):
                if a != b:
                    edges ^= {(min(a, b), max(a, b))}
    return edges


def chained(edges):
    """Rings of those edges, none of which meets a vertex of its own twice."""
    neighbours = {}
    for a, b in sorted(edges):
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    rings = []
    for start in sorted(neighbours):
        while neighbours[start]:
            path, place = [start], {start: 0}
            while True:
                here = path[-1]
                there = neighbours[here].pop(0)
                neighbours[there].remove(here)
                if there not in place:
                    place[there] = len(path)
                    path.append(there)
                    continue
                rings.append(path[place[there]:])
                for left in path[place[there] + 1:]:
                    del place[left]
                del path[place[there] + 1:]
                if not neighbours[path[-1]]:
                    break
            if len(path) > 1:
                raise ValueError(f"the border at {path[-1]} has a loose end")
    return rings


def straightened(ring):
    """Without vertices in the middle of a straight line."""
    def bends(a, b, c):
        return (b[0] - a[0]) * (c[1] - b[1]) != (b[1] - a[1]) * (c[0] - b[0])
    count = len(ring)
    return [ring[i] for i in range(count)
            if bends(ring[i - 1], ring[i], ring[(i + 1) % count])]


def edges_of(ring):
    return zip(ring, ring[1:] + ring[:1])


def twice_area(ring):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in edges_of(ring))


def box_of(ring):
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def holds(ring, point):
    """Whether the ring goes round the point; both in the same units."""
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in edges_of(ring):
        if (ay <= y) != (by <= y):
            inside ^= ((bx - ax) * (y - ay) > (by - ay) * (x - ax)) == (by > ay)
    return inside


def oriented(rings):
    """Each ring with the place on its left: outer ones anticlockwise, holes clockwise."""
    doubled = [[(2 * x, 2 * y) for x, y in ring] for ring in rings]
    boxes = [box_of(ring) for ring in doubled]
    found = []
    for i, ring in enumerate(doubled):
        (ax, ay), (bx, by) = ring[0], ring[1]
        middle = ((ax + bx) // 2, (ay + by) // 2)
        depth = sum(1 for k, other in enumerate(doubled)
                    if k != i and boxes[k][0] <= middle[0] <= boxes[k][2]
                    and boxes[k][1] <= middle[1] <= boxes[k][3] and holds(other, middle))
        anticlockwise = twice_area(ring) > 0
        found.append(rings[i] if anticlockwise == (depth % 2 == 0) else rings[i][::-1])
    return found


def joined(geometries):
    """The rings around several parts taken together, the longest first."""
    rings = [straightened(ring) for ring in chained(odd_edges(geometries))]
    rings = oriented([ring for ring in rings if len(ring) >= 3 and twice_area(ring) != 0])
    return sorted(rings, key=lambda ring: (-len(ring), ring[0]))


def varint(value):
    octets = bytearray()
    while value >= 0x80:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def zigzag(value):
    return varint(2 * value if value >= 0 else -2 * value - 1)


def packed(places, header):
    """`places` is code -> geometries. The header's lines, an empty line, then octets."""
    out = bytearray((header + "\n").encode())
    out += varint(len(places))
    for code in sorted(places):
        rings = joined(places[code])
        if not rings:
            raise ValueError(f"{code} has no area")
        out += code.encode() + varint(len(rings))
        x, y = 0, 0
        for ring in rings:
            out += varint(len(ring))
            for vertex in ring:
                out += zigzag(vertex[0] - x) + zigzag(vertex[1] - y)
                x, y = vertex
    return bytes(out)
