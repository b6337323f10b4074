"""Rules of the shipped pack once more, as SQL over tables filled from the events that were sent: which pairs of rule and
element violate at the log's end. Nothing here comes from Patuh's store or its engine; what it takes from the pack is the
schema's words (kinds, types, relations, defaults) and the values of its parameters.

A kind is a table: a column for each attribute and each relation to one element (its id), instants as microseconds, a
civil day as its first, a deadline as its last; `told` is 0 of an element that others name and nobody has sent. NULL is
what SQL has for CEL's missing values, and its AND, OR and NOT treat it alike (a missing bool is false to both, being no
truth), so that a rule is violated where `require` is not true; where another element's missing value would leave it undetermined, `unknown` says so.
"""

import datetime
import json
import sqlite3
import tomllib

DAY, HOUR = 86_400_000_000, 3_600_000_000
ZONE = datetime.timezone(datetime.timedelta(hours=7))  # Asia/Jakarta has no summer time


def micros(at):
    return (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def first_of(day):
    return micros(datetime.datetime.combine(day, datetime.time(), ZONE))


def value_of(declared, value):
    """A value as its column holds it."""
    kind = declared["type"]
    if value is None or isinstance(value, (dict, list)):
        return None if value is None else json.dumps(value)
    if kind in ("date", "deadline"):
        return first_of(datetime.date.fromisoformat(value)) + (DAY - 1 if kind == "deadline" else 0)
    return micros(datetime.datetime.fromisoformat(value)) if kind == "timestamp" else value


def parameter_of(value):
    """A parameter as SQL writes it."""
    if isinstance(value, datetime.date):
        return str(first_of(value))
    if isinstance(value, str) and value[:-1].isdigit() and value[-1] in "dh":
        return str(int(value[:-1]) * (DAY if value[-1] == "d" else HOUR))
    return repr(value) if isinstance(value, (str, int, float)) else "(" + ", ".join(map(repr, value)) + ")"


# ── Words in which the rules below are written; s is the element that is judged ─────────────────────────────────────


def filled(*names):
    return " AND ".join(f"COALESCE({name}, '') NOT IN ('', '[]', '{{}}')" for name in names)


def related(relation, kind, condition="1", of="s"):
    """An element of this kind at the end of the relation, t, of which the condition is true."""
    return (f"EXISTS (SELECT 1 FROM edge e JOIN {kind} t ON t.id = e.to_id WHERE e.kind = {of}.kind AND e.id = {of}.id "
            f"AND e.name = '{relation}' AND e.to_kind = '{kind}' AND ({condition}))")


def referrer(kind, relation, condition="1", of="s"):
    """An element of this kind, t, whose relation points here."""
    return (f"EXISTS (SELECT 1 FROM edge e JOIN {kind} t ON t.id = e.id WHERE e.kind = '{kind}' AND e.name = '{relation}' "
            f"AND e.to_kind = {of}.kind AND e.to_id = {of}.id AND ({condition}))")


def count(relation):
    return f"(SELECT COUNT(*) FROM edge e WHERE e.kind = s.kind AND e.id = s.id AND e.name = '{relation}')"


def end(kind, relation, name):
    """An attribute of the element at the end of a relation to one."""
    return f"(SELECT x.{name} FROM {kind} x WHERE x.id = s.{relation})"


def holds(name, item):
    return f"EXISTS (SELECT 1 FROM json_each(COALESCE({name}, '[]')) j WHERE j.value = '{item}')"


def reference(model, level="AND x.tingkat >= 2"):
    return (f"EXISTS (SELECT 1 FROM referensi x WHERE x.id = s.referensi AND x.told AND x.jenis = '{model}' {level} "
            "AND (x.berlaku_dari IS NULL OR x.berlaku_dari <= :now) AND (x.berlaku_sampai IS NULL OR x.berlaku_sampai > :now))")


LIVE = "s.status IS 'operasional'"
OURS = f"{LIVE} AND s.pemilik IS 'daerah'"
PUBLIC = "s.jenis IS 'publik' AND s.status IS 'aktif'"
ONLINE = f"{PUBLIC} AND s.metode_layanan IN ('daring', 'hibrida')"
OPEN = "s.status IS NOT 'selesai' AND s.status IS NOT 'dibatalkan'"
IMPORTANT = "(s.data_pribadi OR s.kategori_se IS 'tinggi' OR s.kategori_se IS 'strategis')"


def audit(kind):
    return related("keamanan", "keamanan",
                   f"t.jenis = 'audit' AND t.jenis_audit = '{kind}' AND t.tanggal >= :now - {{audit_selang}}")


# rule: (kind, when, require), and `unknown` where another element may leave it undetermined. {x} is a parameter.
RULES = {
    "APP-LKP-01": ("aplikasi", "s.status IS NOT 'rencana'",
                   filled("s.status", "s.fungsi", "s.luaran", "s.basis_aplikasi", "s.tipe_lisensi", "s.basis_data")),
    "APP-REL-01": ("aplikasi", LIVE, f"{count('layanan')} >= 1"),
    "APP-REL-02": ("aplikasi", LIVE, f"{count('data')} >= 1"),
    "APP-REL-03": ("aplikasi", OURS, f"{count('infrastruktur')} >= 1 AND NOT "
                   + related("infrastruktur", "infrastruktur", "t.dukungan_sampai <= :now")),
    "APP-UMM-01": ("aplikasi", f"{OURS} AND s.jenis IS 'khusus' AND {filled('s.bidang_umum')}",
                   "NOT EXISTS (SELECT 1 FROM aplikasi a WHERE a.bidang_umum = s.bidang_umum AND a.pemilik = 'nasional' "
                   "AND a.status = 'operasional')"),
    "APP-DUP-01": ("aplikasi", f"{LIVE} AND s.jenis IS 'khusus'",
                   "NOT EXISTS (SELECT 1 FROM aplikasi a WHERE a.kode_fungsi = s.kode_fungsi AND a.id <> s.id "
                   "AND a.status = 'operasional' AND a.perangkat_daerah IS NOT s.perangkat_daerah)"),
    "APP-IZN-01": ("aplikasi", "s.pemilik IS 'daerah' AND s.status IN ('pembangunan', 'uji_coba', 'operasional')",
                   f"{filled('s.nomor_rekomendasi')} AND s.rekomendasi_pada <= s.mulai_dibangun_pada"),
    "APP-SRC-01": ("aplikasi", f"{OURS} AND s.pengembang IS 'pihak_ketiga'",
                   "COALESCE(s.kode_sumber, '') IN ('dimiliki', 'escrow')"),
    "APP-SRC-02": ("aplikasi", OURS, filled("s.repositori")),
    "APP-LIS-01": ("aplikasi", "s.pemilik IS 'daerah' AND s.tipe_lisensi IS 'tertutup' "
                   "AND s.mulai_dibangun_pada >= {lisensi_sejak}", filled("s.nomor_rekomendasi")),
    "APP-DOK-01": ("aplikasi", OURS, " AND ".join(holds("s.dokumentasi", one)
                                                  for one in ("kebutuhan", "rancangan", "uji", "manual"))),
    "APP-PSE-01": ("aplikasi", OURS, filled("s.nomor_pse")),
    "APP-SEC-02": ("aplikasi", LIVE, audit("keamanan")),
    "APP-SEC-03": ("aplikasi", f"{LIVE} AND s.jenis IS 'khusus'", audit("aplikasi")),
    "APP-SEC-05": ("aplikasi", f"{LIVE} AND {IMPORTANT}", "s.mfa_admin"),
    "APP-BCK-01": ("aplikasi", OURS, f"s.cadangan_terakhir + s.cadangan_selang_jam * 2 * {HOUR} >= :now"),
    "APP-BCK-02": ("aplikasi", OURS, "s.uji_pulih_pada >= :now - {uji_pulih_selang}"),
    "APP-BCK-03": ("aplikasi", f"{LIVE} AND {IMPORTANT}", "s.cadangan_luar_lokasi"),
    "APP-HST-01": ("aplikasi", OURS, "s.lokasi_data = 'indonesia'"),
    "APP-USE-01": ("aplikasi", LIVE, "s.terakhir_dipakai >= :now - {tidak_dipakai}"),
    "APP-EOL-01": ("aplikasi", f"{LIVE} AND s.pengembang IS 'pihak_ketiga'",
                   "s.dukungan_sampai > :now + {sebelum_dukungan_habis}"),
    "APP-AVL-01": ("aplikasi", f"{LIVE} AND s.akses_publik", "s.ketersediaan_12bln >= {ketersediaan_min}"),
    "APP-MTI-01": ("aplikasi", "s.status IS 'dihentikan'",
                   "NOT " + related("layanan", "layanan", "t.status = 'aktif'") + " AND NOT "
                   + referrer("integrasi", "penyedia", "t.status = 'aktif'") + " AND NOT "
                   + referrer("integrasi", "konsumen", "t.status = 'aktif'") + " AND NOT "
                   + related("nama_domain", "nama_domain", "t.status = 'aktif'")),
    "APP-DEP-01": ("penerapan", "s.lingkungan IS 'produksi'",
                   f"{end('aplikasi', 'aplikasi', 'told')} AND {filled(end('aplikasi', 'aplikasi', 'nomor_rekomendasi'))} "
                   f"AND {end('aplikasi', 'aplikasi', 'status')} IS NOT 'dihentikan'"),
    "INT-LNG-01": ("integrasi", "s.status IS 'aktif'", "COALESCE(s.metode, '') NOT IN ('basis_data_langsung', 'manual')"),
    "INT-DOK-01": ("integrasi", "s.status IS 'aktif'",
                   f"{filled('s.dokumentasi_api', 's.perjanjian')} AND s.perjanjian_sampai > :now"),
    "DAT-LKP-01": ("data_informasi", "1", filled("s.tujuan", "s.sifat_data", "s.jenis_data", "s.validitas_data")
                   + " AND s.interoperabilitas IS NOT NULL"),
    "DAT-REF-01": ("data_informasi", "1", reference("RAD")),
    "DAT-OWN-01": ("data_informasi", "1", f"{end('perangkat_daerah', 'produsen_data', 'told')} AND "
                   f"{end('perangkat_daerah', 'walidata', 'told')} AND {end('perangkat_daerah', 'walidata', 'walidata')}",
                   f"{end('perangkat_daerah', 'produsen_data', 'told')} AND {end('perangkat_daerah', 'walidata', 'told')} "
                   f"AND {end('perangkat_daerah', 'walidata', 'walidata')} IS NULL"),
    "DAT-SDI-01": ("data_informasi", "s.jenis_data IS 'statistik'",
                   filled("s.konsep", "s.definisi", "s.klasifikasi", "s.ukuran", "s.satuan")),
    "DAT-SDI-02": ("data_informasi", "1", filled("s.metadata")),
    "DAT-SDI-03": ("data_informasi", "s.interoperabilitas", f"{filled('s.kode_referensi')} OR s.data_induk"),
    "DAT-SDI-04": ("data_informasi", "s.dipublikasikan", "s.validitas_data = 'terverifikasi'"),
    "DAT-MUT-01": ("data_informasi", "s.frekuensi_hari IS NOT NULL",
                   f"s.dimutakhirkan_pada + s.frekuensi_hari * {DAY} + {{mutakhir_toleransi}} >= :now"),
    "DAT-DUP-01": ("data_informasi", filled("s.kode_referensi"),
                   "NOT EXISTS (SELECT 1 FROM data_informasi d WHERE d.kode_referensi = s.kode_referensi AND d.id <> s.id "
                   "AND d.produsen_data IS NOT s.produsen_data)"),
    "DAT-REL-01": ("data_informasi", "1", f"{count('proses_bisnis')} >= 1 OR {count('layanan')} >= 1"),
    "DAT-REL-02": ("data_informasi", "s.interoperabilitas", referrer("integrasi", "data", "t.status = 'aktif'")),
    "DAT-KLS-01": ("data_informasi", "s.data_pribadi IS NOT 'tidak'", "s.sifat_data IS NOT 'terbuka'"),
    "DAT-TRB-01": ("data_informasi", "s.sifat_data IS 'terbuka'", "s.dipublikasikan"),
    "DAT-IGT-01": ("data_informasi", "s.jenis_data IS 'geospasial'", f"{filled('s.metadata')} AND s.interoperabilitas"),
    "DAT-STS-01": ("data_informasi", "s.jenis_data IS 'statistik' AND s.cara_pengumpulan IS 'survei'",
                   filled("s.rekomendasi_bps")),
    "PDP-DPO-01": ("perangkat_daerah", "s.memproses_data_pribadi",
                   f"{filled('s.nomor_sk_dpo')} OR {filled(end('perangkat_daerah', 'induk', 'nomor_sk_dpo'))}"),
    "PDP-ROP-01": ("aplikasi", f"{LIVE} AND s.data_pribadi", referrer("pemrosesan_data_pribadi", "aplikasi")),
    "PDP-DSR-01": ("pemrosesan_data_pribadi", "1",
                   f"{filled('s.tujuan', 's.dasar_pemrosesan')} AND s.retensi_bulan IS NOT NULL"),
    "PDP-PRS-01": ("pemrosesan_data_pribadi", filled("s.prosesor"), filled("s.perjanjian_prosesor")),
    "PDP-PRV-01": ("aplikasi", f"{LIVE} AND s.akses_publik AND s.data_pribadi", filled("s.pemberitahuan_privasi")),
    "PDP-BOC-01": ("insiden", "s.data_pribadi_terungkap",
                   "COALESCE(s.diberitahukan_pada, :now) <= s.terdeteksi_pada + {pemberitahuan_bocor}"),
    "INF-REF-01": ("infrastruktur", "1", reference("RAI", "")),
    "INF-LIS-01": ("infrastruktur", "s.jenis IN ('sistem_operasi', 'sistem_basis_data', 'sistem_utilitas') "
                   "AND s.jenis_lisensi IS NOT 'sumber_terbuka'", "s.validitas_lisensi > :now"),
    "INF-EOL-01": ("infrastruktur",
                   "s.jenis IN ('server', 'sistem_operasi', 'sistem_basis_data', 'sistem_utilitas') AND ("
                   + referrer("aplikasi", "infrastruktur", "t.status = 'operasional'") + " OR EXISTS (SELECT 1 FROM edge p "
                   "JOIN edge q ON q.to_kind = p.kind AND q.to_id = p.id JOIN aplikasi a ON a.id = q.id "
                   "WHERE p.name = 'perangkat_lunak' AND p.to_kind = s.kind AND p.to_id = s.id AND q.kind = 'aplikasi' "
                   "AND q.name = 'infrastruktur' AND a.status = 'operasional'))", "s.dukungan_sampai > :now"),
    "INF-AUD-01": ("infrastruktur", "s.jenis IN ('fasilitas_komputasi', 'jaringan_intra', 'sistem_penghubung_layanan')",
                   referrer("keamanan", "infrastruktur", "t.jenis = 'audit' AND t.jenis_audit = 'keamanan' "
                            "AND t.tanggal >= :now - {audit_selang}")),
    "INF-JIN-01": ("perangkat_daerah", "s.jenis IS NOT 'kelurahan'", "s.terhubung_jaringan_intra"),
    "DOM-SUB-01": ("nama_domain", "s.status IS 'aktif' AND s.jenis IN ('subdomain', 'instansi')",
                   "'.' || s.fqdn LIKE '%' || {domain_daerah}"),
    "DOM-LAY-01": ("aplikasi", f"{OURS} AND s.akses_publik",
                   related("nama_domain", "nama_domain", "'.' || t.fqdn LIKE '%' || {domain_daerah}")),
    "DOM-EXP-01": ("nama_domain", "s.status IS 'aktif'", "s.kedaluwarsa_pada > :now + {sebelum_domain_habis}"),
    "TLS-EXP-01": ("sertifikat", "s.jenis IS 'tls'", "s.berlaku_sampai > :now + {sebelum_tls_habis}"),
    "TLS-EXP-02": ("sertifikat", "s.jenis IS 'tls' AND " + related("nama_domain", "nama_domain", "t.status = 'aktif'"),
                   "s.berlaku_sampai > :now"),
    "TTE-EXP-01": ("sertifikat", "s.jenis IN ('tte', 'segel')", "s.berlaku_sampai > :now + {sebelum_tte_habis}"),
    "KAM-TMN-01": ("temuan", "s.ditutup_pada IS NULL",
                   ":now <= COALESCE(s.batas, s.ditemukan_pada + CASE s.tingkat WHEN 'kritis' THEN {temuan_kritis} "
                   "WHEN 'tinggi' THEN {temuan_tinggi} WHEN 'sedang' THEN {temuan_sedang} WHEN 'rendah' "
                   "THEN {temuan_rendah} END)"),
    "KAM-STD-01": ("keamanan", "s.jenis IS 'standar'", "s.tanggal_akhir > :now + {sebelum_standar_habis}"),
    "KAM-EDU-01": ("perangkat_daerah", "1", "s.edukasi_keamanan_pada >= :now - {edukasi_selang}"),
    "KAM-CSR-01": ("perangkat_daerah", "s.pengelola_tik", "s.register_csirt_sampai > :now + {sebelum_register_habis}"),
    "KAM-INS-01": ("insiden", "s.tingkat IN ('kritis', 'tinggi')",
                   "COALESCE(s.dilaporkan_pada, :now) <= s.terdeteksi_pada + "
                   "CASE WHEN s.iiv THEN {lapor_insiden_iiv} ELSE {lapor_insiden} END"),
    "LAY-LKP-02": ("layanan", "s.status IS 'aktif'",
                   filled("s.potensi_manfaat", "s.potensi_ekonomi", "s.potensi_risiko", "s.mitigasi_risiko")),
    "LAY-REL-02": ("layanan", "s.status IS 'aktif' AND s.metode_layanan IS NOT 'luring'",
                   related("aplikasi", "aplikasi", "t.status = 'operasional'")),
    "LAY-REL-03": ("layanan", "s.status IS 'aktif'", "NOT " + related("aplikasi", "aplikasi", "t.status = 'dihentikan'")),
    "LAY-SLA-01": ("layanan", ONLINE, filled("s.sla", "s.kanal_bantuan")),
    "LAY-SKM-01": ("layanan", PUBLIC, "s.survei_pada >= :now - {survei_selang}"),
    "LAY-SKM-02": ("layanan", "s.jenis IS 'publik' AND s.survei_pada IS NOT NULL",
                   "CASE WHEN s.tindak_lanjut_survei_pada >= s.survei_pada THEN s.tindak_lanjut_survei_pada ELSE :now END "
                   "<= s.survei_pada + {survei_tindak_lanjut}"),
    "LAY-SKM-03": ("layanan", "s.jenis IS 'publik' AND s.nilai_survei IS NOT NULL", "s.nilai_survei >= {mutu_layanan}"),
    "LAY-UMP-01": ("layanan", ONLINE, "s.umpan_balik"),
    "LAY-TKT-01": ("layanan", ONLINE, "s.tiket"),
    "LAY-AKS-01": ("layanan", ONLINE, "s.aksesibilitas_diuji_pada >= :now - {aksesibilitas_selang}"),
    "LAY-LPR-01": ("layanan", PUBLIC, "s.terhubung_lapor"),
    "LAY-PRT-01": ("layanan", ONLINE, "s.di_portal"),
    "LAY-RSK-01": ("layanan", "s.status IS 'aktif'",
                   referrer("risiko", "layanan", "t.ditinjau_pada >= :now - {tinjau_risiko}")),
    "LAY-TTE-01": ("layanan", "s.status IS 'aktif' AND s.menerbitkan_dokumen AND s.metode_layanan IN ('daring', 'hibrida')",
                   "s.tte"),
    "RM-TLT-01": ("kegiatan", OPEN, ":now <= s.tanggal_akhir"),
    "RM-TLT-02": ("kegiatan", "s.status IS 'berjalan' AND "
                  ":now >= s.tanggal_awal + (s.tanggal_akhir - s.tanggal_awal) * 0.75",
                  "s.progres >= {progres_tiga_perempat}"),
    "RM-MUL-01": ("kegiatan", "s.status IS 'rencana'", ":now < s.tanggal_awal + {mulai_toleransi}"),
    "RM-RAN-01": ("kegiatan", "s.tanggal_awal >= {ran_pemdi_sejak}", filled("s.ran_pemdi")),
    "PIC-ADA-01": ("perangkat_daerah", "1",
                   "EXISTS (SELECT 1 FROM pic p WHERE p.perangkat_daerah = s.id AND p.aktif AND "
                   f"{filled('p.nomor_sk')} AND p.berlaku_sampai > :now)"),
    "PB-LKP-01": ("proses_bisnis", "1", f"{filled('s.uraian', 's.jenis_proses')} AND s.tingkat IS NOT NULL "
                  "AND s.referensi IS NOT NULL"),
    "PB-REF-01": ("proses_bisnis", "1", reference("RAB")),
    "PB-LNT-01": ("proses_bisnis", "s.lintas_pd", f"{count('pihak')} >= 2"),
    "PB-REL-01": ("proses_bisnis", "s.jenis_proses IS 'inti' AND s.tingkat >= 1", referrer("layanan", "proses_bisnis")),
    "PB-TIN-01": ("proses_bisnis", "s.jenis_proses IS 'inti'", "s.ditinjau_pada >= :now - {tinjau_proses}"),
}


class Tables:
    """The elements as they stand after all events."""

    def __init__(self, lines, pack):
        self.schema = tomllib.loads((pack / "schema.toml").read_text(encoding="utf-8"))
        params = tomllib.loads((pack / "params.toml").read_text(encoding="utf-8"))["params"]
        self.params = {name: parameter_of(one["value"]) for name, one in params.items()}
        self.values, self.writers, self.told, self.now = {}, {}, set(), 0
        for line in lines:
            self.take(json.loads(line))
        self.make()

    def declared(self, kind, what):
        own = self.schema["kinds"][kind]
        common = {name: one for name, one in self.schema["common"][what].items() if name not in own.get("without", [])}
        return {**common, **own.get(what, {})}

    def take(self, event):
        self.now = max(self.now, micros(datetime.datetime.fromisoformat(event["time"])))
        if "subject" not in event:
            return
        kind, _, element = event["subject"].partition("/")
        data = dict(event["data"].get("values", event["data"]))
        if "waiver.granted" in event["type"]:
            data["status"] = self.schema["roles"]["waiver"]["granted"]
        stands = self.values.setdefault((kind, element), {})
        writers = self.writers.setdefault((kind, element), {})
        self.told.add((kind, element))
        if "element.upserted" in event["type"]:
            for name in [name for name, source in writers.items() if source == event["source"]]:
                stands.pop(name, None)
        stands.update(data)
        writers.update(dict.fromkeys(data, event["source"]))
        if kind == "penerapan":
            self.values.setdefault(("aplikasi", data["aplikasi"]), dict(self.schema["roles"]["deployment"]["stub"]))

    def edges(self):
        for (kind, element), values in list(self.values.items()):
            for name, relation in self.declared(kind, "relations").items():
                ends = values.get(name) or []
                for to in ends if isinstance(ends, list) else [ends]:
                    whole = to if relation["to"] == "*" else f"{relation['to']}/{to}"
                    to_kind, _, to_id = whole.partition("/")
                    yield kind, element, name, to_kind, to_id
                    if "inverse" in relation:
                        yield to_kind, to_id, relation["inverse"].partition(".")[2], kind, element

    def make(self):
        self.sql = sqlite3.connect(":memory:")
        self.sql.execute("PRAGMA case_sensitive_like = ON")
        self.sql.execute("CREATE TABLE edge(kind, id, name, to_kind, to_id, PRIMARY KEY(kind, id, name, to_kind, to_id))")
        self.sql.execute("CREATE INDEX edge_to ON edge(to_kind, to_id, name)")
        self.sql.executemany("INSERT OR IGNORE INTO edge VALUES(?, ?, ?, ?, ?)", self.edges())
        for to_kind, to_id in self.sql.execute("SELECT DISTINCT to_kind, to_id FROM edge").fetchall():
            self.values.setdefault((to_kind, to_id), {})
        for kind in self.schema["kinds"]:
            self.make_kind(kind)

    def make_kind(self, kind):
        attributes = {name: one for name, one in self.declared(kind, "attributes").items() if "derive" not in one}
        single = [name for name, one in self.declared(kind, "relations").items() if not one.get("many")]
        columns = ["kind", "id", "told", *attributes, *single]
        self.sql.execute(f"CREATE TABLE {kind}({', '.join(columns)})")
        for (of, element), values in self.values.items():
            if of != kind:
                continue
            row = [kind, element, (kind, element) in self.told]
            row += [value_of(one, values.get(name, one.get("default"))) for name, one in attributes.items()]
            row += [values.get(name) for name in single]
            self.sql.execute(f"INSERT INTO {kind} VALUES({', '.join('?' * len(row))})", row)

    def waived(self, rule):
        return {f"{kind}/{element}" for kind, element in self.sql.execute(
            "SELECT e.to_kind, e.to_id FROM pengecualian w JOIN edge e ON e.kind = 'pengecualian' AND e.id = w.id AND "
            "e.name = 'tentang' WHERE w.aturan = ? AND w.status = 'disetujui' AND COALESCE(w.syarat, '') = '' "
            "AND w.dari <= ? AND (w.sampai IS NULL OR w.sampai > ?)", (rule, self.now, self.now))}

    def violating(self, rule):
        """The elements, as kind/id."""
        kind, when, require, *unknown = RULES[rule]
        query = (f"SELECT s.id FROM {kind} s WHERE ({when}) IS TRUE AND ({require}) IS NOT TRUE "
                 f"AND ({unknown[0] if unknown else '0'}) IS NOT TRUE")
        for name, value in self.params.items():
            query = query.replace("{" + name + "}", value)
        return {f"{kind}/{element}" for element, in self.sql.execute(query, {"now": self.now})} - self.waived(rule)
