#!/usr/bin/env python3
"""Writes patuh.json, the Grafana dashboard: core panels only, one Prometheus data source.

    generate.py            writes patuh.json beside this file
    generate.py --check    status 1 when the file there is not what would be written
"""

import json
import pathlib
import sys

FILE = pathlib.Path(__file__).resolve().parent / "patuh.json"
SOURCE = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
WIDTH = 24  # columns of Grafana's grid
RATE = "$__rate_interval"
LOW_IS_BAD = [("red", None), ("orange", 0.7), ("green", 0.9)]
ANY_IS_BAD = [("green", None), ("red", 1)]
PLAIN = [("blue", None)]


def target(expression, legend="", table=False):
    return {"datasource": SOURCE, "expr": expression, "legendFormat": legend or "__auto",
            "instant": table, "range": not table, "format": "table" if table else "time_series", "refId": "A"}


def panel(kind, title, description, targets, **more):
    """A panel without its place; `width` and `height` are in the grid's units."""
    targets = [{**one, "refId": chr(ord("A") + i)} for i, one in enumerate(targets)]
    steps = [{"color": color, "value": value} for color, value in more.get("steps", PLAIN)]
    defaults = {"unit": more.get("unit", "short"), "thresholds": {"mode": "absolute", "steps": steps},
                "color": {"mode": "palette-classic" if kind == "timeseries" else "thresholds"}, "mappings": []}
    for name in ("min", "max"):
        if name in more:
            defaults[name] = more[name]
    return {"type": kind, "title": title, "description": description, "datasource": SOURCE, "targets": targets,
            "fieldConfig": {"defaults": defaults, "overrides": []}, "options": more.get("options", {}),
            "transformations": more.get("transformations", []),
            "gridPos": {"w": more.get("width", 8), "h": more.get("height", 8)}}


def stat(title, description, expression, **more):
    options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
               "graphMode": more.pop("graph", "area"), "justifyMode": "auto", "orientation": "auto", "textMode": "auto"}
    more = {"width": 4, "height": 4, **more}
    return panel("stat", title, description, [target(expression, more.pop("legend", ""))], options=options, **more)


def graph(title, description, *targets, **more):
    options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, description, targets, options=options, min=0, **more)


def bars(title, description, expression, legend, **more):
    one = {**target(expression, legend), "instant": True, "range": False}
    options = {"displayMode": "gradient", "orientation": "horizontal", "showUnfilled": True,
               "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    return panel("bargauge", title, description, [one], options=options, min=0, **more)


def table(title, description, expression, names, **more):
    """One row a series; `names` maps its labels, and Value, to the columns' headings in their order."""
    organize = {"id": "organize", "options": {
        "excludeByName": {"Time": True, "instance": True, "job": True, "__name__": True},
        "indexByName": {label: i for i, label in enumerate(names)}, "renameByName": names}}
    options = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}}
    return panel("table", title, description, [target(expression, table=True)], options=options,
                 transformations=[organize], **more)


def verdicts():
    return [
        stat("Pelanggaran terbuka", "Open violations, overdue ones among them.", "sum(patuh_violations)",
             steps=ANY_IS_BAD),
        stat("Lewat tenggat", "Open violations past their due time.", "sum(patuh_violations_overdue)",
             steps=ANY_IS_BAD),
        stat("Nilai kepatuhan", "Weighted share of compliant verdicts of the whole; not the official SPBE index.",
             "patuh_regency_score_ratio", unit="percentunit", steps=LOW_IS_BAD, min=0, max=1),
        stat("Cakupan", "Share of verdicts that could be decided.", "patuh_regency_coverage_ratio",
             unit="percentunit", steps=LOW_IS_BAD, min=0, max=1),
        stat("Perangkat daerah lengkap", "Share of agencies that registered every domain that they owe.",
             "avg(patuh_agency_reporting)", unit="percentunit", steps=LOW_IS_BAD, min=0, max=1),
        stat("Elemen terdaftar", "Elements known, without those that were only referred to.", "patuh_elements"),
        graph("Pelanggaran menurut tingkat keparahan", "Open violations by severity.",
              target("sum by (severity) (patuh_violations)", "{{severity}}"), width=12),
        graph("Lewat tenggat menurut tingkat keparahan", "Overdue violations by severity.",
              target("sum by (severity) (patuh_violations_overdue)", "{{severity}}"), width=12),
        bars("Perangkat daerah dengan pelanggaran terbanyak",
             "The ten agencies with most open violations, by the name that they have now.",
             "topk(10, sum by (agency) (patuh_violations) * on (agency) group_left (name) patuh_agency_info)",
             "{{name}} ({{agency}})", width=12, height=10),
        bars("Aturan dengan pelanggaran terbanyak", "The ten rules with most open violations; shadow rules do not alert.",
             "topk(10, sum by (rule, severity, mode) (patuh_rule_violations))", "{{rule}} ({{severity}}, {{mode}})",
             width=12, height=10),
        table("Keputusan menurut domain", "Verdicts of the regency by domain of the architecture and by state.",
              "sum by (domain, state) (patuh_domain_verdicts)",
              {"domain": "Domain", "state": "Status", "Value": "Jumlah"}, width=12, height=10),
        table("Belum dapat diputuskan", "Rules that could not be decided for want of facts, by agency.",
              "topk(20, sum by (agency) (patuh_undetermined))", {"agency": "Perangkat daerah", "Value": "Jumlah"},
              width=12, height=10),
    ]


def intake():
    lag = "max by (topic) (patuh_kafka_lag_seconds)"
    return [
        graph("Peristiwa per detik", "Events that reached the pipeline, by what became of them.",
              target(f"rate(patuh_events_received_total[{RATE}])", "diterima"),
              target(f"sum by (result) (rate(patuh_events_taken_total[{RATE}]))", "{{result}}"), unit="eps"),
        graph("Disisihkan menurut alasan", "Events put in quarantine by reason; see patuhctl quarantine list.",
              target("sum by (reason) (patuh_events_set_aside_total)", "{{reason}}")),
        graph("Ketertinggalan Kafka", "How far reading is behind, by message time; empty without Kafka.",
              target(lag, "{{topic}}"), unit="s"),
        table("Terakhir terdengar", "Time since a reporting source was last heard.",
              "sort_desc(time() - patuh_source_last_heard_timestamp_seconds)",
              {"source": "Sumber", "Value": "Sudah berlalu"}, unit="s", width=12),
        graph("Antrean masukan", "Deliveries that wait for the pipeline, and how many may.",
              target("patuh_intake_queue_length", "menunggu"), target("patuh_intake_queue_capacity", "kapasitas"),
              width=6),
        stat("Masukan berhenti", "1 while intake stands still for a fault.", "patuh_intake_stopped",
             steps=ANY_IS_BAD, width=6, height=8),
    ]


def operation():
    latency = (f"rate(patuh_store_commit_seconds_total[{RATE}]) / "
               f"(rate(patuh_store_commits_total[{RATE}]) > 0)")
    return [
        graph("Komit per detik", "Batches made durable, and commits that failed.",
              target(f"rate(patuh_store_commits_total[{RATE}])", "berhasil"),
              target(f"rate(patuh_store_failed_commits_total[{RATE}])", "gagal"), unit="ops"),
        graph("Lama komit", "Mean time of a commit; empty while nothing is committed.", target(latency, "rata-rata"),
              unit="s"),
        graph("Ukuran penyimpanan", "Size of the store's files.", target("patuh_store_file_bytes", "{{file}}"),
              unit="bytes"),
        graph("Peringatan", "Alert episodes that fired and that were resolved since the daemon started.",
              target("sum by (change) (patuh_alerts_total)", "{{change}}")),
        graph("Memori", "Memory of the registry and of the engine, counted.", target("patuh_registry_bytes", "registri"),
              target("patuh_engine_bytes", "mesin aturan"), unit="bytes"),
        graph("Pengiriman peringatan", "Deliveries to the sink, and attempts that failed.",
              target(f"rate(patuh_sink_sent_total[{RATE}])", "{{sink}}: terkirim"),
              target(f"rate(patuh_sink_failed_total[{RATE}])", "{{sink}}: gagal"), unit="ops"),
        stat("Tujuan peringatan terhubung", "1 when the last attempt to deliver succeeded.", "patuh_sink_up",
             legend="{{sink}}", steps=[("red", None), ("green", 1)], graph="none"),
        stat("patuhd berjalan", "1 while the daemon answers scrapes.", "patuh_up",
             steps=[("red", None), ("green", 1)], graph="none"),
        stat("Buku aturan", "The pack in force and its version.", "patuh_rulebook_info",
             legend="{{pack}} {{version}}", graph="none"),
    ]


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"w": WIDTH, "h": 1}}


def placed(panels):
    """Left to right, then below the tallest of the line."""
    x = y = height = 0
    for number, one in enumerate(panels, 1):
        place = one["gridPos"]
        if x + place["w"] > WIDTH:
            x, y, height = 0, y + height, 0
        one["id"] = number
        one["gridPos"] = {"x": x, "y": y, "w": place["w"], "h": place["h"]}
        x, height = x + place["w"], max(height, place["h"])
    return panels


def dashboard():
    panels = [row("Kepatuhan"), *verdicts(), row("Masukan"), *intake(), row("Operasi"), *operation()]
    source = {"name": "DS_PROMETHEUS", "label": "Prometheus", "type": "datasource", "query": "prometheus",
              "hide": 0, "includeAll": False, "multi": False, "regex": "", "refresh": 1, "options": [], "current": {}}
    return {
        "uid": "patuh", "title": "Patuh: kepatuhan SPBE",
        "description": "Monitoring and compliance of digital government, from patuhd's /metrics.",
        "tags": ["patuh", "spbe"], "schemaVersion": 39, "version": 1, "editable": True, "graphTooltip": 1,
        "timezone": "browser", "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "timepicker": {},
        "templating": {"list": [source]}, "annotations": {"list": []}, "links": [], "panels": placed(panels)}


def text():
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


def main():
    if sys.argv[1:] == ["--check"]:
        return 0 if FILE.is_file() and FILE.read_text(encoding="utf-8") == text() else 1
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
