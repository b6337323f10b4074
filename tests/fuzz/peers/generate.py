"""Random expressions of CEL with bindings, in the form of `patuhctl expr --conformance`: a seed gives the same cases.

Most are well typed, so that values are compared and not only refusals; now and then a part has another type than is asked
for. Values lie near the borders of their types.
"""

import base64
import json
import random

INTS = [*(0, 1, -1, 2, 3, 7, 10, 63, 64, -5) * 3, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -2**63, -2**63 + 1]
UINTS = [*(0, 1, 2, 7, 10) * 3, 2**32, 2**53 + 1, 2**63, 2**64 - 1]
DOUBLES = [*(0.0, -0.0, 1.0, 1.5, -2.5, 0.1) * 2, 1e19, -1e19, 9007199254740993.0, 1e300, 5e-324, 3.0, 7.0]
STRINGS = ["", "a", "b", "abc", "A", "é", "ß", "日本", "😀", "a\nb", "tab\t", "'q'", '"', "\\", "0", "1", "-7", "1.5", "true",
           "aaa", "a.b", " x ", "2020-02-29T23:59:59Z", "1h30m"]
BYTES = [b"", b"a", b"\x00\xff", b"abc", "é".encode(), b"\xf0\x9f\x98\x80"]
TIMES = ["1970-01-01T00:00:00Z", "2020-02-29T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
         "2026-03-01T00:00:00+07:00", "1969-12-31T23:59:59.5Z", "2024-12-31T12:00:00Z"]
SPANS = ["0s", "1s", "-1s", "1h30m", "86400s", "1.5s", "-0.5s", "100ms", "1us", "1ns", "2562047h", "-8760h"]
PATTERNS = ["a", "^a", "b$", "[a-c]+", ".*", "", "a|b", "\\\\d+", "(a)(b)?", "(", "^.$"]
ZONES = ["UTC", "Asia/Jakarta", "America/New_York", "+07:00", "-03:30", "02:00"]
ACCESSORS = ["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes",
             "getSeconds", "getMilliseconds"]
TYPES = ["int", "uint", "double", "string", "bytes", "bool", "list", "map", "time", "span"]
# How string() writes these is left open: they stand in it only as a whole expression, whose text run_cel.py reads again. In
# it stand, elsewhere, only types of which the text is told alike everywhere.
TOLD_OTHERWISE = ["double", "time", "span"]
TOLD_ALIKE = [kind for kind in TYPES if kind not in TOLD_OTHERWISE]
TELLING = 0.06  # of all cases
DEPTH = 3
WRONG = 0.04  # of all parts


def scalar(kind, value):
    return {kind: value}


class Bindings:
    """Variables of each type, by the names that the expressions use."""

    def __init__(self, dice):
        pick = dice.choice
        ints = lambda: [scalar("int64Value", str(pick(INTS))) for _ in range(dice.randrange(4))]
        self.values = {
            "i": scalar("int64Value", str(pick(INTS))), "j": scalar("int64Value", str(pick(INTS))),
            "u": scalar("uint64Value", str(pick(UINTS))), "d": scalar("doubleValue", pick([*DOUBLES, "NaN", "Infinity"])),
            "s": scalar("stringValue", pick(STRINGS)), "t": scalar("stringValue", pick(STRINGS)),
            "y": scalar("bytesValue", base64.b64encode(pick(BYTES)).decode()), "b": scalar("boolValue", pick([True, False])),
            "x": scalar("nullValue", None), "l": {"listValue": {"values": ints()}},
            "m": {"mapValue": {"entries": [{"key": scalar("stringValue", key), "value": scalar("int64Value", str(pick(INTS)))}
                                           for key in dice.sample(["a", "b", "abc", "é"], dice.randrange(4))]}}}

    def json(self):
        return {name: {"value": value} for name, value in self.values.items()}


def quoted(text):
    return json.dumps(text, ensure_ascii=False)  # its escapes are CEL's, too


class Generator:
    def __init__(self, dice):
        self.dice, self.locals, self.told = dice, 0, 0
        self.parts = set()  # each an expression by itself, but for the variables of loops around it

    def text(self, kind, depth=DEPTH):
        part = self.part(kind, depth)
        self.parts.add(part)
        return part

    def part(self, kind, depth):
        if self.dice.random() < WRONG:
            kind = self.dice.choice([*(TOLD_ALIKE if self.told else TYPES), "null", "type"])
        if depth <= 0 or self.dice.random() < 0.15:
            return self.leaf(kind)
        return getattr(self, "make_" + kind, self.leaf_of(kind))(depth - 1)

    def leaf_of(self, kind):
        return lambda _depth: self.leaf(kind)

    def leaf(self, kind):
        pick = self.dice.choice
        match kind:
            case "int": return pick(["i", "j", "size(l)", *map(str, INTS)])
            case "uint": return pick(["u", *(f"{n}u" for n in UINTS)])
            case "double": return pick(["d", *(repr(x) for x in DOUBLES)])
            case "string": return pick(["s", "t", *map(quoted, STRINGS)])
            case "bytes": return pick(["y", "b'abc'", "b'\\x00\\xff'", "b''", "bytes(s)"])
            case "bool": return pick(["b", "true", "false"])
            case "list": return pick(["l", "[]", "[1, 2, 3]", "[i, j]", "[i, i, j]"])
            case "map": return pick(["m", "{}", "{'a': 1}", "{s: i, 'k': j}"])
            case "time": return f"timestamp({quoted(pick(TIMES))})"
            case "span": return f"duration({quoted(pick(SPANS))})"
            case "null": return pick(["x", "null"])
            case _: return pick(["int", "string", "type(i)", "type(l)", "bool"])

    def one(self, depth, *forms):
        """One of the forms, {type} in it filled by a part of that type."""
        form = self.dice.choice(forms)
        told = form.startswith("string(")
        self.told += told
        out = self.filled(form, depth)
        self.told -= told
        return out

    def filled(self, form, depth):
        out, rest = "", form
        while "<" in rest and ">" in rest[rest.index("<"):]:
            head, _, rest = rest.partition("<")
            kind, close, tail = rest.partition(">")
            if kind not in TYPES:
                out += head + "<"
                continue
            out, rest = out + head + self.text(kind, depth), tail
        return out + rest

    def make_int(self, depth):
        return self.one(depth, "(<int> + <int>)", "(<int> - <int>)", "(<int> * <int>)", "(<int> / <int>)", "(<int> % <int>)",
                        "-(<int>)", "size(<string>)", "size(<list>)", "size(<bytes>)", "<map>.size()", "int(<double>)",
                        "int(<uint>)", "int(<string>)", "int(<time>)", "<list>[<int>]", "<list>[0]", "<map>['a']", "<map>[<string>]",
                        "(<bool> ? <int> : <int>)", "<string>.indexOf(<string>)", "<string>.lastIndexOf(<string>)",
                        f"<time>.{self.dice.choice(ACCESSORS)}()",
                        f"<time>.{self.dice.choice(ACCESSORS)}('{self.dice.choice(ZONES)}')",
                        f"<span>.{self.dice.choice(['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'])}()")

    def make_uint(self, depth):
        return self.one(depth, "(<uint> + <uint>)", "(<uint> - <uint>)", "(<uint> * <uint>)", "(<uint> / <uint>)",
                        "(<uint> % <uint>)", "uint(<int>)", "uint(<double>)", "uint(<string>)", "(<bool> ? <uint> : <uint>)")

    def make_double(self, depth):
        return self.one(depth, "(<double> + <double>)", "(<double> - <double>)", "(<double> * <double>)",
                        "(<double> / <double>)", "-(<double>)", "double(<int>)", "double(<uint>)", "double(<string>)",
                        "(<bool> ? <double> : <double>)")

    def make_string(self, depth):
        count = self.dice.choice([-1, 0, 1, 2, 3])  # a great one keeps cel-es busy for hours
        return self.one(depth, "(<string> + <string>)", "string(<int>)", "string(<uint>)", "string(<bool>)", "string(<bytes>)",
                        "(<bool> ? <string> : <string>)", "<string>.charAt(<int>)",
                        "<string>.lowerAscii()", "<string>.upperAscii()", "<string>.trim()", "<string>.substring(<int>)",
                        "<string>.substring(<int>, <int>)", "<string>.replace(<string>, <string>)",
                        f"<string>.replace(<string>, <string>, {count})",
                        "<string>.split(<string>).join('-')", f"<string>.split(<string>, {count}).join('-')")

    def make_bytes(self, depth):
        return self.one(depth, "(<bytes> + <bytes>)", "bytes(<string>)", "(<bool> ? <bytes> : <bytes>)")

    def make_bool(self, depth):
        kind = self.dice.choice(TYPES)
        ordered = self.dice.choice(["int", "uint", "double", "string", "bytes", "bool", "time", "span"])
        mixed = self.dice.choice(["int", "uint", "double"])
        order = self.dice.choice(["<", "<=", ">", ">="])
        pattern = quoted(self.dice.choice(PATTERNS)).replace("\\\\\\\\", "\\\\")
        return self.one(depth, f"<{kind}> == <{kind}>", f"<{kind}> != <{kind}>", f"(<{ordered}> {order} <{ordered}>)",
                        f"(<{mixed}> {order} <int>)", f"(<{mixed}> == <double>)", f"(<uint> {order} <{mixed}>)",
                        "(<bool> && <bool>)", "(<bool> || <bool>)", "!(<bool>)", "(<bool> ? <bool> : <bool>)",
                        "(<int> in <list>)", "(<string> in <map>)", "(<double> in <list>)", "<string>.contains(<string>)",
                        "<string>.startsWith(<string>)", "<string>.endsWith(<string>)", f"<string>.matches({pattern})",
                        "has(m.a)", "has(m.abc)", "bool(<string>)", self.quantified(), self.quantified(),
                        "(type(<int>) == int)", "(dyn(<int>) == dyn(<uint>))")

    def name(self):
        self.locals += 1
        return f"v{self.locals}"

    def quantified(self):
        macro, v, w = self.dice.choice(["all", "exists", "exists_one"]), self.name(), self.name()
        return self.dice.choice([f"<list>.{macro}({v}, {v} > <int>)", f"<list>.{macro}({v}, {v} % 2 == 0 || <bool>)",
                                 f"<map>.{macro}({v}, {v} != <string>)", f"<list>.{macro}({v}, 10 / {v} > <int>)",
                                 f"<list>.{macro}({v}, <list>.exists({w}, {v} == {w}))"])

    def make_list(self, depth):
        v = self.name()
        mixed = "[<int>, <int>, <uint>]" if self.told else "[<int>, <double>, <uint>]"
        return self.one(depth, "[<int>, <int>]", mixed, "(<list> + <list>)", f"<list>.map({v}, {v} + <int>)",
                        f"<list>.filter({v}, {v} > <int>)", f"<list>.map({v}, {v} > 0, {v} * 2)", "(<bool> ? <list> : <list>)",
                        f"<map>.map({v}, {v}).filter({v}, {v} == <string>).map({v}, size({v}))")

    def make_map(self, depth):
        return self.one(depth, "{<string>: <int>}", "{<int>: <string>, <int>: <string>}", "{<uint>: <bool>}",
                        "{<bool>: <list>}", "(<bool> ? <map> : <map>)")

    def make_time(self, depth):
        return self.one(depth, "(<time> + <span>)", "(<time> - <span>)", "(<span> + <time>)", "timestamp(<string>)",
                        "timestamp(<int>)", "(<bool> ? <time> : <time>)")

    def make_span(self, depth):
        return self.one(depth, "(<span> + <span>)", "(<span> - <span>)", "(<time> - <time>)", "duration(<string>)",
                        "(<bool> ? <span> : <span>)")


def cases(seed, count):
    """`count` cases, as dictionaries."""
    dice = random.Random(seed)
    for number in range(count):
        kind, maker = dice.choice(TYPES), Generator(dice)
        case = {"name": f"{seed}/{number}", "expr": maker.text(kind), "bindings": Bindings(dice).json()}
        if dice.random() < TELLING:
            case["tells"], maker = dice.choice(TOLD_OTHERWISE), Generator(dice)
            case["expr"] = f"string({maker.text(case['tells'])})"
        yield case, sorted(maker.parts - {case["expr"]}, key=len)
