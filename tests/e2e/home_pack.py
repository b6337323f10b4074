"""A pack of the rules that read only elements of their own agency, and the agency that each event belongs to.

What stays at home is found in the events themselves. A relation is *at home* when every end that the history gives it
has the agency of the element that points. A rule stays in the pack when
- it names none of where(), same(), lookup() and referrers(…, '*', …), which look through the whole regency, itself or
  through a derived attribute;
- each relation that it follows, forward or backward, itself or through a derived attribute, is at home;
- its kind is not that of the reporting sources, which every agency's events touch.
Relations that are not at home are taken out of the schema too: they would make stubs of other agencies' elements, and
whose stub comes first hangs on how partitions meet.
"""

import json
import re
import tomllib

WIDE = re.compile(r"\b(?:where|same|lookup)\(|referrers\([^()]*'\*'")
# What is certain of which kind it is; other mentions of a relation's name count for every kind that has it.
OF_SELF = re.compile(r"(?:self\.|related\(self, ')([a-z_]+)")
REFERRERS = re.compile(r"referrers\(self, '([a-z_]+)', '([a-z_]+)'\)")
NOBODY = "-"


class History:
    """The events with the agency of each: the key that keeps an agency's events in one partition."""

    def __init__(self, lines, schema):
        self.schema, self.of, self.ends = schema, {}, {}
        self.events = [json.loads(line) for line in lines]
        roles = schema["roles"]
        self.agency_kind, self.deployments = roles["agency"]["kind"], roles["deployment"]["kind"]
        self.owner = {}  # of sources, as the events say
        for event in self.events:
            self.learn(event)
        self.whole = next(event["subject"].partition("/")[2] for event in self.events
                          if event.get("data", {}).get(roles["agency"]["whole"]))

    def learn(self, event):
        if "subject" not in event:
            return
        subject, data = event["subject"], event.get("data", {})
        values = data.get("values", data)
        kind, _, element = subject.partition("/")
        agency = element if kind == self.agency_kind else values.get("perangkat_daerah")
        if agency:
            if self.of.setdefault(subject, agency) != agency:
                raise ValueError(f"{subject} moves to another agency")
            if kind == self.schema["roles"]["source"]["kind"]:
                self.owner[element] = agency
        for name, relation in self.relations(kind).items():
            ends = values.get(name)
            for end in ends if isinstance(ends, list) else [ends] if ends else []:
                whole = end if isinstance(relation["to"], list) or relation["to"] == "*" else f"{relation['to']}/{end}"
                self.ends.setdefault((kind, name), set()).add((subject, whole))

    def relations(self, kind):
        own = self.schema["kinds"].get(kind, {})
        common = {name: relation for name, relation in self.schema["common"]["relations"].items()
                  if name not in own.get("without", [])}
        return {**common, **own.get("relations", {})}

    def agency_of(self, subject):
        kind, _, element = subject.partition("/")
        if kind == self.deployments:  # its application's; of an unknown one the agency's that answers for the whole
            return self.of.get("aplikasi/" + element.rpartition("@")[0], self.whole)
        if kind == "aplikasi":
            return self.of.get(subject, self.whole)
        return self.of.get(subject, NOBODY)

    def key(self, event):
        if "subject" in event:
            return self.agency_of(event["subject"])
        return self.owner.get(event["source"], NOBODY)

    def leaving(self):
        """(kind, relation) of each relation with an end in another agency."""
        out = set()
        for (kind, name), pairs in self.ends.items():
            if self.relations(kind)[name].get("agency"):
                continue
            if any(self.agency_of(one) != self.agency_of(other) for one, other in pairs):
                out.add((kind, name))
                inverse = self.relations(kind)[name].get("inverse")
                if inverse:
                    out.add(tuple(inverse.split(".")))
        for kind in self.schema["kinds"]:  # the other half of an inverse pair may be declared on the other side
            for name, relation in self.relations(kind).items():
                if tuple(relation.get("inverse", "").split(".")) in out:
                    out.add((kind, name))
        return out


class Judge:
    """Which rules stay at home."""

    def __init__(self, history):
        self.history, self.leaving = history, history.leaving()
        self.names = {name for _, name in self.leaving}

    def derived(self, kind):
        schema = self.history.schema
        return {name: attribute["derive"]
                for name, attribute in {**schema["common"]["attributes"], **schema["kinds"][kind]["attributes"]}.items()
                if "derive" in attribute}

    def text(self, kind, text):
        """The text with what derived attributes stand for."""
        for name, derive in self.derived(kind).items():
            if re.search(rf"\b{name}\b", text):
                text += " " + derive
        return text

    def stays(self, rule, block):
        if any(kind == self.history.schema["roles"]["source"]["kind"] for kind in kinds_of(rule)):
            return False
        return all(self.reads_at_home(kind, self.text(kind, block)) for kind in kinds_of(rule))

    def reads_at_home(self, kind, text):
        if WIDE.search(text):
            return False
        followed = {(kind, name) for name in OF_SELF.findall(text)} | set(REFERRERS.findall(text))
        rest = REFERRERS.sub("", OF_SELF.sub("", text))
        return not followed & self.leaving and not set(re.findall(r"\w+", rest)) & self.names


def kinds_of(rule):
    return rule.get("kinds") or [rule["kind"]]


def expressions(rule):
    """All expressions of a rule; in its message they stand in braces."""
    said = " ".join(rule.get("message", {}).values())
    return " ".join([*(rule.get(name, "") for name in ("when", "require", "occurrence")), *re.findall(r"\{(.*?)\}", said)])


def blocks_of(text):
    """The text before the first rule and each rule's own."""
    head, *rules = re.split(r"(?m)^(?=\[\[rule\]\]$)", text)
    return head, rules


def without_leaving(text, leaving):
    """The schema without those relations; it declares one a line."""
    out, table = [], ""
    names = {name for _, name in leaving}
    for line in text.splitlines():
        if header := re.match(r"\[(.*)\]", line):
            table = header[1]
        name = re.match(r"(\w+) = \{", line)
        kind = table.removeprefix("kinds.").removesuffix(".relations")
        gone = name and table.endswith(".relations") and (
            (kind, name[1]) in leaving or (kind == "common" and name[1] in names))
        if line.startswith("without = "):
            line = re.sub(r'"(\w+)"(?:, )?', lambda one: "" if one[1] in names else one[0], line).replace(", ]", "]")
        if not gone:
            out.append(line)
    return "\n".join(out) + "\n"


def write(pack, out, history, leave_out=()):
    """Writes the pack's rules that stay at home into the folder; answers their number and that of all."""
    judge = Judge(history)
    out.mkdir()
    kept = whole = 0
    for path in sorted(pack.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if path.name == "schema.toml":
            (out / path.name).write_text(without_leaving(text, judge.leaving), encoding="utf-8")
        elif not path.name.endswith(".test.toml"):
            head, blocks = blocks_of(text)
            rules = [tomllib.loads(block)["rule"][0] for block in blocks]
            stay = [block for rule, block in zip(rules, blocks)
                    if rule["id"] not in leave_out and judge.stays(rule, expressions(rule))]
            (out / path.name).write_text(head + "".join(stay), encoding="utf-8")
            kept, whole = kept + len(stay), whole + len(blocks)
    return kept, whole
