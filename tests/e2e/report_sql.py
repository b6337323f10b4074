"""The monthly report's first page by SQL: tables filled from the events that were sent, and every rule once more as a
query. Nothing here comes from Patuh's store or its engine; what it takes from the pack is the schema's words (which
member is a relation, to which kind, in which domain a kind counts) and the deployment role's stub.

`field` has every value that was ever sent, `moment` every instant at which an element's verdicts may change: an event
about it or about what its rules look at (seq is the event's number), or the passing of a date (seq lies between the
event before and the one behind). WAS reads a value as it was at a moment. `at` is the event clock's instant, `time` the
event's own: they differ where an event comes late.
"""

import datetime
import json
import sqlite3

TABLES = """
CREATE TABLE sent(n INTEGER PRIMARY KEY, at INTEGER, time INTEGER, kind TEXT, id TEXT, source TEXT);
CREATE INDEX sent_at ON sent(at, n);
CREATE INDEX sent_of ON sent(kind, id, n);
CREATE TABLE field(kind TEXT, id TEXT, name TEXT, n INTEGER, value);
CREATE INDEX field_at ON field(kind, id, name, n);
CREATE TABLE edge(n INTEGER, kind TEXT, id TEXT, name TEXT, to_kind TEXT, to_id TEXT);
CREATE INDEX edge_of ON edge(kind, id, name, n);
CREATE INDEX edge_to ON edge(to_kind, to_id);
CREATE TABLE gone(kind TEXT, id TEXT, n INTEGER);
CREATE TABLE kind(kind TEXT PRIMARY KEY, domain TEXT);
CREATE TABLE rule(rule TEXT PRIMARY KEY, severity TEXT, grace INTEGER);
CREATE TABLE moment(kind TEXT, id TEXT, seq REAL, at INTEGER, PRIMARY KEY(kind, id, seq, at)) WITHOUT ROWID;
CREATE TABLE judged(rule TEXT, kind TEXT, id TEXT, seq REAL, at INTEGER, state TEXT, occurrence TEXT);
CREATE INDEX judged_of ON judged(rule, kind, id, seq);
"""

DAY = 86_400_000_000
ZONE = datetime.timezone(datetime.timedelta(hours=7))  # Asia/Jakarta has no summer time


def micros(text):
    at = datetime.datetime.fromisoformat(text)
    return (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def text_of(at):
    whole, rest = divmod(at, 1_000_000)
    text = datetime.datetime.fromtimestamp(whole, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{rest:06}".rstrip("0") if rest else "") + "Z"


def was(name, of="m", kind=None, element=None):
    """A value as it was at moment m; NULL when there was none."""
    return (f"(SELECT f.value FROM field f WHERE f.kind = {kind or of + '.kind'} AND f.id = {element or of + '.id'} "
            f"AND f.name = '{name}' AND f.n <= {of}.seq ORDER BY f.n DESC LIMIT 1)")


def end_of_day(value):
    """The last microsecond of a civil day in Jakarta."""
    return f"((strftime('%s', {value}, '+1 day') - 7 * 3600) * 1000000 - 1)"


def instant(value):
    return f"(strftime('%s', {value}) * 1000000)"


def told_of(kind, element):
    """True when an event about the element itself had come by then: it is no stub."""
    return f"EXISTS (SELECT 1 FROM sent s WHERE s.kind = '{kind}' AND s.id = {element} AND s.n <= m.seq)"


# ── The rules, each as the pack says it and as SQL says it ──────────────────────────────────────────────────────────

WAIVED = "APP-HST-01"  # the sample's waivers are of this rule


class Rule:
    def __init__(self, name, kind, severity, require, sql_require, when="true", sql_when="1", grace_days=0, occurrence="",
                 undetermined="0", waivable=False):
        self.name, self.kind, self.severity, self.grace_days = name, kind, severity, grace_days
        self.require, self.when, self.occurrence = require, when, occurrence
        self.sql_require, self.sql_when, self.undetermined, self.waivable = sql_require, sql_when, undetermined, waivable

    def toml(self, mode="enforced"):
        out = [f'[[rule]]\nid = "{self.name}"\nkind = "{self.kind}"\nseverity = "{self.severity}"\nmode = "{mode}"',
               f'grace = "{self.grace_days}d"', f'when = "{self.when}"', f'require = "{self.require}"',
               f'title.id = "Aturan {self.name}"\ntitle.en = "Rule {self.name}"',
               f'remedy.id = "Perbaiki {self.name}."\nremedy.en = "Mend {self.name}."']
        return "\n".join([*out, *([f'occurrence = "{self.occurrence}"'] if self.occurrence else [])]) + "\n\n"

    def query(self):
        """Its state at every moment of its kind."""
        violating = "'violating'"
        if self.waivable:
            violating = f"CASE WHEN {waiver(self.name)} THEN 'waived' ELSE 'violating' END"
        occurrence = was(self.occurrence.removeprefix("self.")) if self.occurrence else "''"
        return f"""
            WITH m AS MATERIALIZED (SELECT kind, id, seq, at, {was('aplikasi', 'moment')} AS app FROM moment
                                    WHERE kind = '{self.kind}')
            SELECT '{self.name}', m.kind, m.id, m.seq, m.at,
              CASE WHEN EXISTS (SELECT 1 FROM gone g WHERE g.kind = m.kind AND g.id = m.id AND g.n <= m.seq) THEN 'gone'
                   WHEN ({self.sql_when}) IS NOT TRUE THEN 'not_applicable'
                   WHEN {self.undetermined} THEN 'undetermined'
                   WHEN ({self.sql_require}) IS TRUE THEN 'compliant'
                   ELSE {violating} END,
              {occurrence}
            FROM m"""


def waiver(rule):
    """A granted waiver of this rule about the element stands at moment m."""
    def of(name):
        return was(name, kind="'pengecualian'", element="w.id")
    return (f"EXISTS (SELECT 1 FROM (SELECT DISTINCT id FROM edge WHERE kind = 'pengecualian' AND to_kind = m.kind "
            f"AND to_id = m.id) w WHERE {of('aturan')} = '{rule}' AND {of('status')} = 'disetujui' "
            f"AND {instant(of('dari'))} <= m.at AND m.at < {instant(of('sampai'))})")


def related_count(name):
    """How many ends a relation had: those that the last event that told of it told."""
    return (f"(SELECT COUNT(*) FROM edge e WHERE e.kind = m.kind AND e.id = m.id AND e.name = '{name}' AND e.n = "
            f"(SELECT MAX(f.n) FROM field f WHERE f.kind = m.kind AND f.id = m.id AND f.name = '{name}' AND f.n <= m.seq))")


APP = "m.app"  # the application that it belonged to at the moment
RULES = [
    Rule("APP-LENGKAP", "aplikasi", "medium", "filled(self.fungsi) && filled(self.tipe_lisensi)",
         f"COALESCE({was('fungsi')}, '') <> '' AND COALESCE({was('tipe_lisensi')}, '') <> ''",
         "self.status != 'rencana'", f"COALESCE({was('status')}, '') <> 'rencana'", grace_days=30),
    Rule("APP-INFRA", "aplikasi", "high", "count(related(self, 'infrastruktur')) >= 1",
         f"{related_count('infrastruktur')} >= 1", "self.status == 'operasional' && self.pemilik == 'daerah'",
         f"{was('status')} = 'operasional' AND {was('pemilik')} = 'daerah'", grace_days=30),
    Rule(WAIVED, "aplikasi", "critical", "self.lokasi_data == 'indonesia'", f"{was('lokasi_data')} = 'indonesia'",
         "self.status == 'operasional' && self.pemilik == 'daerah'",
         f"{was('status')} = 'operasional' AND {was('pemilik')} = 'daerah'", grace_days=30, waivable=True),
    Rule("DAT-METADATA", "data_informasi", "low", "filled(self.metadata)", f"COALESCE({was('metadata')}, '') <> ''"),
    Rule("DAT-TERBUKA", "data_informasi", "critical", "self.sifat_data != 'terbuka'",
         f"COALESCE({was('sifat_data')}, '') <> 'terbuka'", "self.data_pribadi != 'tidak'",
         f"COALESCE({was('data_pribadi')}, '') <> 'tidak'"),
    Rule("PIC-BERLAKU", "pic", "high", "self.berlaku_sampai > now", f"{end_of_day(was('berlaku_sampai'))} > m.at",
         "self.aktif", f"COALESCE({was('aktif')}, 0) = 1", grace_days=14),
    Rule("TEM-BATAS", "temuan", "critical", "now <= self.batas", f"m.at <= {end_of_day(was('batas'))}",
         "self.ditutup_pada == null", f"{was('ditutup_pada')} IS NULL"),
    # What another element lacks leaves the rule undetermined.
    Rule("TEM-SEDIA", "temuan", "low", "self.aplikasi.ketersediaan_12bln >= 99.0",
         f"{was('ketersediaan_12bln', kind=repr('aplikasi'), element=APP)} >= 99.0",
         undetermined=f"{APP} IS NOT NULL AND {was('ketersediaan_12bln', kind=repr('aplikasi'), element=APP)} IS NULL"),
    Rule("DEP-REKOM", "penerapan", "critical", "known(self.aplikasi) && filled(self.aplikasi.nomor_rekomendasi)",
         f"{told_of('aplikasi', APP)} AND "
         f"COALESCE({was('nomor_rekomendasi', kind=repr('aplikasi'), element=APP)}, '') <> ''",
         "self.lingkungan == 'produksi'", f"{was('lingkungan')} = 'produksi'", occurrence="self.id_penerapan"),
    Rule("KEG-AKHIR", "kegiatan", "high", "now <= self.tanggal_akhir", f"m.at <= {end_of_day(was('tanggal_akhir'))}",
         "self.status != 'selesai' && self.status != 'dibatalkan'",
         f"COALESCE({was('status')}, '') NOT IN ('selesai', 'dibatalkan')", grace_days=7),
    Rule("SER-BERLAKU", "sertifikat", "high", "self.berlaku_sampai > now", f"{instant(was('berlaku_sampai'))} > m.at",
         "self.jenis == 'tls'", f"{was('jenis')} = 'tls'"),
    Rule("PD-INTRA", "perangkat_daerah", "medium", "self.terhubung_jaringan_intra",
         f"COALESCE({was('terhubung_jaringan_intra')}, 0) = 1", "self.jenis != 'kelurahan'",
         f"COALESCE({was('jenis')}, '') <> 'kelurahan'", grace_days=180),
]
# Judged by Patuh and shown nowhere.
SHADOW = Rule("LAY-BAYANGAN", "layanan", "critical", "false", "0")

# Dates that turn a verdict by themselves: (kind, attribute, the instant of the turn).
TURNS = [("pic", "berlaku_sampai", end_of_day("f.value")), ("temuan", "batas", end_of_day("f.value") + " + 1"),
         ("kegiatan", "tanggal_akhir", end_of_day("f.value") + " + 1"),
         ("sertifikat", "berlaku_sampai", instant("f.value"))]
# Whose rules look at another element: (kind, its relation), judged anew with each event about the end.
LOOKS = [("temuan", "aplikasi"), ("penerapan", "aplikasi")]


class Tables:
    def __init__(self, lines, schema):
        self.schema, self.sql = schema, sqlite3.connect(":memory:")
        self.sql.executescript(TABLES)
        for name, kind in schema["kinds"].items():
            self.sql.execute("INSERT INTO kind VALUES(?, ?)", (name, kind.get("domain", "")))
        self.sql.executemany("INSERT INTO rule VALUES(?, ?, ?)",
                             [(rule.name, rule.severity, rule.grace_days * DAY) for rule in RULES])
        self.known, self.now = set(), 0
        for n, line in enumerate(lines, 1):
            self.add(n, json.loads(line))
        self.add_agencies()
        self.add_moments()
        for rule in RULES:
            self.sql.execute("INSERT INTO judged " + rule.query())

    def relations(self, kind):
        own = self.schema["kinds"][kind]
        common = {name: relation for name, relation in self.schema["common"]["relations"].items()
                  if name not in own.get("without", [])}
        return {**common, **own.get("relations", {})}

    def add(self, n, event):
        kind, _, element = event.get("subject", "").partition("/")
        time = micros(event["time"])
        self.now = max(self.now, time)
        self.sql.execute("INSERT INTO sent VALUES(?, ?, ?, ?, ?, ?)",
                         (n, self.now, time, kind, element, event["source"]))
        if not kind:
            return
        if "element.removed" in event["type"]:
            self.sql.execute("INSERT INTO gone VALUES(?, ?, ?)", (kind, element, n))
            return
        values = dict(event["data"].get("values", event["data"]))
        if "waiver.granted" in event["type"]:
            values["status"] = self.schema["roles"]["waiver"]["granted"]
        self.known.add((kind, element))
        self.put(n, kind, element, values)
        if kind == "penerapan" and ("aplikasi", values["aplikasi"]) not in self.known:
            self.known.add(("aplikasi", values["aplikasi"]))
            self.put(n, "aplikasi", values["aplikasi"], self.schema["roles"]["deployment"]["stub"])

    def put(self, n, kind, element, values):
        relations = self.relations(kind)
        for name, value in values.items():
            if name in relations and value is not None:
                for end in value if isinstance(value, list) else [value]:
                    to = relations[name]["to"]
                    whole = end if isinstance(to, list) or to == "*" else f"{to}/{end}"
                    self.sql.execute("INSERT INTO edge VALUES(?, ?, ?, ?, ?, ?)",
                                     (n, kind, element, name, *whole.split("/", 1)))
            plain = value if isinstance(value, (str, int, float)) or value is None else json.dumps(value)
            self.sql.execute("INSERT INTO field VALUES(?, ?, ?, ?, ?)", (kind, element, name, n, plain))

    def add_agencies(self):
        """home: whose each element is. A deployment is its application's; an application that nobody registered is
        the agency's that answers for the whole."""
        self.sql.executescript("""
            CREATE TABLE home(kind TEXT, id TEXT, agency TEXT, PRIMARY KEY(kind, id));
            INSERT INTO home SELECT 'perangkat_daerah', id, value FROM field
              WHERE kind = 'perangkat_daerah' AND name = 'singkatan' GROUP BY id;
            INSERT INTO home SELECT kind, id, value FROM field
              WHERE name = 'perangkat_daerah' AND kind <> 'penerapan' GROUP BY kind, id;
            INSERT OR IGNORE INTO home SELECT DISTINCT 'aplikasi', to_id,
              (SELECT id FROM field WHERE kind = 'perangkat_daerah' AND name = 'pengelola_tik' AND value = 1)
              FROM edge WHERE kind = 'penerapan' AND name = 'aplikasi';
            INSERT INTO home SELECT DISTINCT e.kind, e.id, h.agency FROM edge e
              JOIN home h ON h.kind = e.to_kind AND h.id = e.to_id WHERE e.kind = 'penerapan' AND e.name = 'aplikasi';""")

    def add_moments(self):
        self.sql.executescript("""
            CREATE TABLE element(kind TEXT, id TEXT, n INTEGER, PRIMARY KEY(kind, id));
            INSERT INTO element SELECT kind, id, MIN(n) FROM (
              SELECT kind, id, n FROM sent WHERE kind <> '' UNION ALL SELECT to_kind, to_id, n FROM edge
              UNION ALL SELECT 'sumber', source, n FROM sent) GROUP BY kind, id;
            INSERT OR IGNORE INTO moment SELECT kind, id, n, at FROM sent WHERE kind <> '';
            INSERT OR IGNORE INTO moment SELECT e.to_kind, e.to_id, e.n, s.at FROM edge e JOIN sent s USING (n);
            INSERT OR IGNORE INTO moment SELECT e.to_kind, e.to_id, s.n, s.at FROM edge e
              JOIN sent s ON s.kind = e.kind AND s.id = e.id WHERE e.kind = 'pengecualian';""")
        for kind, relation in LOOKS:
            self.sql.execute("INSERT OR IGNORE INTO moment SELECT e.kind, e.id, s.n, s.at FROM edge e "
                             "JOIN sent s ON s.kind = e.to_kind AND s.id = e.to_id "
                             "WHERE e.kind = ? AND e.name = ? AND s.n >= e.n", (kind, relation))
        for kind, name, turn in TURNS:
            self.add_turns(f"SELECT f.kind, f.id, {turn} AS at FROM field f "
                           f"WHERE f.kind = '{kind}' AND f.name = '{name}' AND f.value IS NOT NULL")
        for name in ("dari", "sampai"):
            self.add_turns(f"SELECT e.to_kind AS kind, e.to_id AS id, {instant('f.value')} AS at FROM field f "
                           f"JOIN edge e ON e.kind = f.kind AND e.id = f.id WHERE f.kind = 'pengecualian' "
                           f"AND f.name = '{name}'")

    def add_turns(self, query):
        """What falls due at an event's instant comes before that event."""
        self.sql.execute(f"""
            INSERT OR IGNORE INTO moment
            SELECT t.kind, t.id, (SELECT MAX(n) FROM sent WHERE at < t.at) + 0.5 AS seq, t.at
            FROM ({query}) t JOIN element e ON e.kind = t.kind AND e.id = t.id
            WHERE (SELECT MAX(n) FROM sent WHERE at < t.at) >= e.n""")

    # ── The page ──

    def close(self, begin, end):
        """Makes the month's tables: `month_end` (each pair as it stands) and `month_flow` (what changed within)."""
        self.sql.executescript(f"""
            CREATE TABLE change AS SELECT step.*, h.agency, COALESCE(prior, 'not_applicable') AS was,
              (SELECT s.at FROM sent s WHERE s.n >= step.seq ORDER BY s.n LIMIT 1) AS recorded,
              MIN(at, COALESCE((SELECT s.time FROM sent s WHERE s.n = step.seq), at)) AS happened
              FROM (SELECT j.*, LAG(state) OVER pair AS prior, LAG(occurrence) OVER pair AS other
                    FROM judged j WINDOW pair AS (PARTITION BY rule, kind, id ORDER BY seq)) step
              JOIN home h USING (kind, id)
              WHERE state IS NOT prior OR (state = 'violating' AND occurrence <> other);
            CREATE TABLE month_flow AS SELECT *, state = 'violating' AS opened,
              state = 'violating' AND was IN ('compliant', 'waived') AS reopened,
              was = 'violating' AND state IN ('compliant', 'waived') AS fixed,
              was = 'violating' AND state = 'gone' AS removed,
              happened < {begin} AND (state = 'violating' OR was = 'violating' AND
                state IN ('compliant', 'waived', 'gone')) AS late
              FROM change WHERE recorded >= {begin} AND recorded < {end} ORDER BY seq, rule, kind, id;
            CREATE TABLE month_end AS
              SELECT l.*, h.agency, k.domain, r.severity, since, began + r.grace AS due,
                l.state = 'violating' AND began + r.grace < {end} AS overdue
              FROM (SELECT j.*, MAX(seq) FROM judged j WHERE at < {end} GROUP BY rule, kind, id) l
              JOIN home h USING (kind, id) JOIN kind k USING (kind) JOIN rule r USING (rule)
              JOIN (SELECT c.rule, c.kind, c.id, MAX(c.at) AS since FROM change c WHERE c.at < {end} GROUP BY 1, 2, 3)
                USING (rule, kind, id)
              LEFT JOIN (SELECT v.rule, v.kind, v.id, MIN(v.at) AS began FROM judged v WHERE v.at < {end}
                AND v.state IN ('violating', 'waived') AND v.seq > COALESCE((SELECT MAX(c.seq) FROM judged c
                  WHERE c.rule = v.rule AND c.kind = v.kind AND c.id = v.id AND c.at < {end}
                  AND (c.state IN ('compliant', 'not_applicable') OR c.occurrence <> (SELECT o.occurrence FROM judged o
                    WHERE o.rule = v.rule AND o.kind = v.kind AND o.id = v.id AND o.at < {end} ORDER BY o.seq DESC LIMIT 1))
                  ), 0) GROUP BY 1, 2, 3) USING (rule, kind, id);""")
        self.begin, self.end = begin, end

    def all(self, query, *values):
        return self.sql.execute(query, values).fetchall()

    def elements(self):
        """What an event was about by the month's end and is not removed: not what is only referred to, nor a source that
        sends but that nobody registered."""
        return self.all("SELECT COUNT(*) FROM (SELECT kind, id FROM sent WHERE kind <> '' AND at < ? EXCEPT "
                        "SELECT g.kind, g.id FROM gone g JOIN sent USING (n) WHERE at < ?)", self.end, self.end)[0][0]

    def counts(self, where, values, state, overdue=False):
        found = dict(self.all(f"SELECT severity, COUNT(*) FROM month_end WHERE {where} AND state = ? "
                              f"{'AND overdue' if overdue else ''} GROUP BY severity", *values, state))
        return {severity: found.get(severity, 0) for severity in ("low", "medium", "high", "critical")}

    def tally(self, where="1", *values):
        weighted = ("SUM(CASE state WHEN '{}' THEN CASE severity WHEN 'critical' THEN 10 WHEN 'high' THEN 5 "
                    "WHEN 'medium' THEN 2 ELSE 1 END ELSE 0 END)")
        good, bad, decided, open_ = self.all(
            f"SELECT {weighted.format('compliant')}, {weighted.format('violating')}, "
            f"SUM(state IN ('compliant', 'violating')), SUM(state = 'undetermined') FROM month_end WHERE {where}",
            *values)[0]
        return {"score": percent(good, (good or 0) + (bad or 0)),
                "coverage": percent(decided, (decided or 0) + (open_ or 0)),
                "compliant": self.counts(where, values, "compliant"),
                "violations": self.counts(where, values, "violating"),
                "overdue": self.counts(where, values, "violating", overdue=True),
                "undetermined": self.counts(where, values, "undetermined"),
                "waived": self.counts(where, values, "waived")}

    def flow(self, where="1", *values):
        names = ("opened", "reopened", "fixed", "removed", "late")
        row = self.all(f"SELECT {', '.join(f'SUM({name})' for name in names)} FROM month_flow WHERE {where}", *values)[0]
        return dict(zip(names, (number or 0 for number in row)))

    def inherited(self, where="1", *values):
        """What has violated since the civil day of the first event."""
        first = self.all("SELECT at FROM sent ORDER BY n LIMIT 1")[0][0]
        local = 7 * 3_600_000_000
        day_one = (first + local) // DAY * DAY + DAY - 1 - local
        return self.counts(f"{where} AND since <= {day_one}", values, "violating")

    def silent(self):
        """Codes of the agencies that owe all domains and by the month's end have no element in one of them."""
        owes = self.schema["roles"]["agency"]["owes"]
        kinds = {}
        for code, kind in self.all("""
                SELECT h.agency, (SELECT f.value FROM field f JOIN sent USING (n) WHERE f.kind = h.kind AND f.id = h.id
                  AND f.name = ? AND at < ? ORDER BY n DESC LIMIT 1) FROM home h WHERE h.kind = 'perangkat_daerah'""",
                                   owes["attribute"], self.end):
            kinds[code] = kind
        has = set(self.all("""
            SELECT h.agency, k.domain FROM home h JOIN kind k USING (kind) JOIN element e USING (kind, id)
            JOIN sent s ON s.n = e.n WHERE s.at < ?1 AND NOT EXISTS
              (SELECT 1 FROM gone g JOIN sent x USING (n) WHERE g.kind = h.kind AND g.id = h.id AND x.at < ?1)""",
                           self.end))
        return {code for code, kind in kinds.items() if kind in owes["values"]
                and not all((code, domain) in has for domain in owes["domains"])}

    def page(self, agency=""):
        """The report's figures, for the whole regency or one agency."""
        where, values = ("agency = ?", (agency,)) if agency else ("1", ())
        domains = [row[0] for row in self.all(
            f"SELECT DISTINCT domain FROM month_end WHERE {where} AND state IN "
            "('compliant', 'violating', 'undetermined', 'waived') ORDER BY domain", *values)]
        agencies = self.all(
            f"SELECT h.agency, (SELECT value FROM field f JOIN sent s USING (n) WHERE f.kind = h.kind AND f.id = h.id "
            f"AND f.name = 'nama' AND s.at < ? ORDER BY n DESC LIMIT 1) FROM home h "
            f"WHERE h.kind = 'perangkat_daerah' AND {where} ORDER BY h.agency", self.end, *values)
        silent = self.silent()
        return {
            "elements": self.elements(),
            "regency": {**self.tally(where, *values), "inherited": self.inherited(where, *values),
                        "flow": self.flow(where, *values)},
            "domains": [{"domain": domain, **self.tally(f"{where} AND domain = ?", *values, domain)}
                        for domain in domains],
            "agencies": [self.agency(code, name, code not in silent) for code, name in agencies],
            "late": {"events": self.all("SELECT COUNT(*) FROM sent WHERE time < ?1 AND at >= ?1 AND at < ?2", self.begin,
                                        self.end)[0][0]},
            "episodes": self.episodes(where, values),
        }

    def agency(self, code, name, reporting):
        """Who does not report is named and not ranked."""
        out = {"agency": code, "name": name, "reporting": reporting, **self.tally("agency = ?", code),
               "inherited": self.inherited("agency = ?", code), "flow": self.flow("agency = ?", code)}
        return out if reporting else {**out, "score": None}

    def episodes(self, where, values):
        """Noncompliant deployments of the month; an end after it is not known yet."""
        rows = self.all(f"SELECT rule, kind || '/' || id, agency, occurrence, at, "
                        f"(SELECT MIN(c.at) FROM month_flow c WHERE c.rule = f.rule AND c.kind = f.kind AND c.id = f.id "
                        f"AND c.seq > f.seq AND c.was = 'violating') "
                        f"FROM month_flow f WHERE {where} AND opened AND occurrence <> '' ORDER BY seq", *values)
        return [{"rule": rule, "element": element, "agency": agency, "occurrence": occurrence, "since": text_of(since),
                 "until": None if until is None else text_of(until)}
                for rule, element, agency, occurrence, since, until in rows]

    def open(self, where="1", *values):
        """Every open violation, the most urgent first: (severity, since, agency, rule, element, due)."""
        rows = self.all(f"""SELECT severity, since, agency, rule, kind || '/' || id, due FROM month_end
            WHERE state = 'violating' AND {where}
            ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END,
              since, agency, rule""", *values)
        return [(severity, text_of(since), agency, rule, element, text_of(due))
                for severity, since, agency, rule, element, due in rows]


def percent(part, whole):
    return None if not whole else int(100.0 * part / whole * 100 + 0.5) / 100
