// The regency while it is being made: who is there, what they have, and all that happens to it.
// Filled part by part, each part reading what those before it made; make_estate() calls them in
// their order.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sample/calendar.h"
#include "tools/sample/functions.h"
#include "tools/sample/prng.h"
#include "tools/sample/sample.h"
#include "tools/sample/timeline.h"

namespace patuh::sample {

struct Agency {
  std::string code, name, kind, parent;
  std::string affair;  // digits of its RAB and RAD code
  std::vector<std::string> topics;
  int weight = 1;
  std::uint32_t source = 0;
  Day begins{};          // enters its first element
  bool partial = false;  // never got beyond processes and services
  std::vector<std::size_t> pics;
};

// An element that its PIC attests, as long as he remembers it.
struct Attested {
  std::string subject;
  Day from{};
  Day until = kNoDay;
};
struct Pic {
  std::string id;
  std::size_t agency = 0;
  Day silent_from = kNoDay;
  int diligence = 800;  // how often a month's work is attested, permille
  std::vector<Attested> elements;
};

// What others point at.
struct Made {
  std::string id;
  std::string name;
  std::size_t agency = 0;
  Day day{};  // when it was entered
};
struct Service : Made {
  bool open = false;    // for the public
  bool online = false;  // active, and used over the network
};
struct DataSet : Made {
  bool shared = false;
  std::string personal;  // tidak, umum, spesifik
};
struct Application : Made {
  Owner owner = Owner::kLocal;
  bool open = false;
  bool personal = false;
  bool specific = false;  // sensitive personal data
  bool running = true;
  bool recommended = true;
  Day retired = kNoDay;
  std::string domain;  // fqdn, empty without one
  bool is_local_and_running() const { return owner == Owner::kLocal && running; }
};
struct Machine : Made {
  std::string kind;
};

// A to-be element.
struct Target {
  std::string subject;
  std::uint32_t source = 0;  // whose it is
  std::string built;         // its status once it is built, if its kind has one
};

// How many of each, from the number of elements wanted.
struct Sizes {
  int processes = 0, services = 0, data = 0, applications = 0, integrations = 0, servers = 0,
      clouds = 0, networks = 0, software = 0, villages = 0, certificates = 0, security = 0,
      findings = 0, processing = 0, risks = 0, activities = 0, documents = 0, pics = 0,
      incidents = 0;
};
Sizes sizes_of(const Options& options);

// The systems beside the agencies' own.
struct SharedSources {
  std::uint32_t registry = 0;   // agencies, PICs, reference codes, policies
  std::uint32_t deployer = 0;   // what deploys applications
  std::uint32_t monitor = 0;    // backups, use, availability
  std::uint32_t portal = 0;     // synchronisation with SIA-SPBE
  std::uint32_t response = 0;   // the CSIRT: assessments, findings, incidents
  std::uint32_t registrar = 0;  // domain names and certificates
};

struct Estate {
  explicit Estate(const Options& options);

  Options options;
  Sizes sizes;
  Day start{}, end{};  // [start, end)
  Timeline timeline;
  SharedSources shared;
  std::vector<Agency> agencies;
  std::map<std::string, std::size_t, std::less<>> agency_by_code;
  std::vector<Pic> pics;
  std::vector<Made> processes;
  std::vector<Service> services;
  std::vector<DataSet> data;
  std::vector<Machine> machines;
  std::vector<Application> applications;
  std::vector<Made> assessed;   // ITSAs: where findings come from
  std::vector<Target> targets;  // what the roadmap is to build
  std::vector<Made> domains;
  std::vector<Made> integrations;

  // The agency of this code, or, in a small sample, another one.
  std::size_t agency_of(std::string_view code) const;
  // Agencies that have things of their own in all domains, each as often as its weight says.
  std::vector<std::size_t> by_weight(bool whole_only) const;
};

// Parts, in the order in which they are made.
void make_people(Estate& estate);  // sources, reference codes, agencies, PICs
void make_processes(Estate& estate);
void make_services(Estate& estate);  // and the risks of services
void make_data(Estate& estate);
void make_infrastructure(Estate& estate);
void make_applications(Estate& estate);
void make_exchanges(Estate& estate);  // processing of personal data, integrations
void make_names(Estate& estate);      // domain names and certificates
void make_security(Estate& estate);   // assessments, audits, standards, findings, incidents
void make_roadmap(Estate& estate);
void make_policies(Estate& estate);
void make_deployments(Estate& estate);
void make_machinery(Estate& estate);     // telemetry, heartbeats, synchronisation
void make_attestations(Estate& estate);  // and waivers

// All of it, the timeline sorted.
Estate make_estate(const Options& options);

}  // namespace patuh::sample
