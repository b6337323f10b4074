"""Two bad deployments of one application are two alerts and two episodes; an unknown application has an owner."""

import json
import sys
from urllib.parse import quote

import support
from support import cloud_event, servers

RULE = "APP-DEP-01"
WHOLE = "diskominfo"  # answers for what nobody registered
SECONDS = 20


def deployment(number, application, source="//ci.example/pipa"):
    return cloud_event("deployment", f"deploy-{number}",
                       {"element": f"aplikasi/{application}",
                        "values": {"lingkungan": "produksi", "versi": f"1.{number}", "id_penerapan": f"dpl-{number}"}},
                       source=source)


def cd_event(number, predicate, application):
    """As a tool of continuous delivery sends it: a CDEvent in a CloudEvent."""
    event_id, source = f"cd-{number}", "//argo.example/produksi"
    return {"specversion": "1.0", "type": f"dev.cdevents.service.{predicate}.0.2.0", "source": source, "id": event_id,
            "time": support.now_text(), "subject": application, "datacontenttype": "application/cdevents+json",
            "data": {"context": {"version": "0.4.1", "id": event_id, "source": source},
                     "subject": {"id": application, "type": "service",
                                 "content": {"environment": {"id": "production"},
                                             "artifactId": f"pkg:oci/{application}@sha256%3A{number:064x}"}}}}


def alerts(url, **labels):
    wanted = "&".join("filter=" + quote(f'{name}="{value}"') for name, value in labels.items())
    return servers.get_json(f"{url}/api/v2/alerts?active=true&{wanted}")


def take(test, daemon, what, event):
    status, results = support.post(daemon, event)
    test.check(what, status == 200 and results and results[0]["result"] == "applied", results)
    return event["id"]


def agencies_and_application(test, daemon):
    for code, name in ((WHOLE, "Dinas Komunikasi dan Informatika"), ("dinkes", "Dinas Kesehatan")):
        take(test, daemon, f"agency {code}", cloud_event(
            "element.upserted", f"agency-{code}", {"nama": name, "singkatan": code, "pengelola_tik": code == WHOLE},
            f"perangkat_daerah/{code}"))
    take(test, daemon, "an application without recommendation", cloud_event(
        "element.upserted", "app", {"nama": "SIMRS", "status": "operasional", "perangkat_daerah": "dinkes"},
        "aplikasi/simrs"))


def fired(test, url, cause):
    found = servers.until(f"the alert of {cause}", SECONDS, lambda: alerts(url, rule=RULE, cause=cause), 0.1)
    labels = found[0]["labels"]
    test.check(f"{cause} is one alert in Alertmanager", len(found) == 1, labels)
    return labels


def two_in_a_row(test, daemon, url):
    first = fired(test, url, take(test, daemon, "the first bad deployment", deployment(1, "simrs")))
    second = fired(test, url, take(test, daemon, "the second bad deployment", deployment(2, "simrs")))
    test.check("the alerts differ in their occurrence and not in their element",
               first["occurrence"] != second["occurrence"] and first["element"] == second["element"],
               f"{first['occurrence']}, {second['occurrence']}")
    servers.until("the end of the first alert", SECONDS, lambda: not alerts(url, rule=RULE, cause="deploy-1"), 0.1)
    test.check("the first is resolved, the second stands", len(alerts(url, rule=RULE, cause="deploy-2")) == 1)
    return [first["occurrence"], second["occurrence"]], first["element"]


def by_cdevents(test, daemon, url):
    take(test, daemon, "an application that CDEvents are about", cloud_event(
        "element.upserted", "app-2", {"nama": "Antrean", "status": "operasional", "perangkat_daerah": "dinkes"},
        "aplikasi/antrean"))
    labels = fired(test, url, take(test, daemon, "its noncompliant upgrade", cd_event(1, "upgraded", "antrean")))
    test.check("it reaches the application's agency, from production", labels["agency"] == "dinkes"
               and labels["element"] == "penerapan/antrean@produksi", labels)
    take(test, daemon, "its removal", cd_event(2, "removed", "antrean"))
    servers.until("the end of the alert of what is removed", SECONDS, lambda: not alerts(url, rule=RULE, cause="cd-1"), 0.1)
    test.check("it is resolved", True)


def reported(test, daemon, occurrences, element):
    month = support.today().strftime("%Y-%m")
    out = test.folder / "reports"
    servers.ctl("--data-dir", daemon.data, "report", "generate", "--month", month, "--format", "json", "--out", out)
    report = json.loads(next(out.glob("**/*.json")).read_text(encoding="utf-8"))
    lines = [one for one in report["episodes"] if one["rule"] == RULE and one["element"] == element]
    test.check(f"the report of {month} has a line for each",
               sorted(line["occurrence"] for line in lines) == sorted(occurrences), lines)
    ends = {line["occurrence"]: line["until"] for line in lines}
    test.check("the first line has an end, the second has none",
               ends.get(occurrences[0]) is not None and ends.get(occurrences[1], "") is None, ends)


def body(test):
    port = servers.port_of()
    url = f"http://{servers.HOST}:{port}"
    test.start(servers.start_alertmanager(test.folder, port))
    daemon = test.daemon([f"alertmanager.urls={url}"])
    agencies_and_application(test, daemon)
    occurrences, element = two_in_a_row(test, daemon, url)
    cause = take(test, daemon, "a deployment of an unknown application", deployment(3, "tidak-terdaftar"))
    labels = fired(test, url, cause)
    test.check("it reaches the agency that answers for the whole", labels["agency"] == WHOLE, labels["agency"])
    reported(test, daemon, occurrences, element)
    by_cdevents(test, daemon, url)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_deployments").run(body))
