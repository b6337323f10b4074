// Domain names and certificates, as the registrar's system tells them.
#include "tools/sample/draft.h"
#include "tools/sample/places.h"

namespace patuh::sample {
namespace {

constexpr int kUnderCom = 2;  // applications of the regency outside its domain

class Names {
 public:
  explicit Names(Estate& estate) : estate_(estate), dice_(estate.options.seed, "names") {}

  void make() {
    for (std::size_t i = 0; i < estate_.agencies.size(); ++i) {
      if (estate_.agencies[i].weight > 1) make_site(i);
    }
    for (Application& app : estate_.applications) {
      if (app.open && app.is_local_and_running()) make_name_of(app);
    }
    for (int i = 0; i < estate_.sizes.villages; ++i) make_village(i);
    for (int i = 0; i < estate_.sizes.certificates; ++i) make_certificate(i);
  }

 private:
  Draft begin(std::size_t agency, std::string_view fqdn, std::string_view kind) {
    Draft draft(estate_, dice_, "nama_domain", agency, std::string(fqdn));
    draft.from(estate_.shared.registrar).put("nama", text(fqdn)).put("fqdn", text(fqdn));
    draft.put("jenis", text(kind)).put("status", text("aktif"));
    draft.put("perangkat_daerah", text(estate_.agencies[agency].code));
    expiry(draft);
    return draft;
  }

  void expiry(Draft& draft) {
    Day expires = draft.day() + days(dice_.between(20, 380));
    draft.put("kedaluwarsa_pada", date(expires));
    while (expires < estate_.end + days(30) && dice_.chance(930)) {
      const Day renewed = expires - days(dice_.between(dice_.chance(150) ? 3 : 32, 60));
      expires += days(365);
      draft.change(renewed, Data().put("kedaluwarsa_pada", date(expires)));
    }
  }

  void finish(Draft& draft) { estate_.domains.push_back(draft.finish()); }

  void make_site(std::size_t agency) {
    Draft draft = begin(agency, estate_.agencies[agency].code + ".lumajangkab.go.id", "subdomain");
    finish(draft);
  }

  void make_name_of(Application& app) {
    const bool foreign =
        foreign_ < kUnderCom && app.retired == kNoDay && app.id.starts_with("sistem");
    if (foreign) ++foreign_;
    app.domain = app.id + (foreign ? "-lumajang.com" : ".lumajangkab.go.id");
    Draft draft = begin(app.agency, app.domain, foreign ? "lain" : "subdomain");
    draft.put("aplikasi", text(app.id));
    finish(draft);
  }

  void make_village(int i) {
    const auto names = districts();
    const auto district = static_cast<std::size_t>(i) % names.size();
    const std::string stem = "desa-" + slug(names[district]) + "-" +
                             std::to_string(i / static_cast<int>(names.size()) + 1);
    const bool proper = dice_.chance(890);
    Draft draft = begin(estate_.agency_of("kec-" + slug(names[district])),
                        stem + (proper ? ".desa.id" : ".web.id"), "desa");
    finish(draft);
  }

  // For the names in turn, then for the electronic signatures of posts.
  void make_certificate(int i) {
    const auto index = static_cast<std::size_t>(i);
    const std::size_t served = static_cast<std::size_t>(estate_.sizes.certificates) * 7 / 10;
    if (index < served && index < estate_.domains.size()) return tls(i, estate_.domains[index]);
    const std::size_t agency = index % estate_.agencies.size();
    Draft draft(estate_, dice_, "sertifikat", agency, numbered("tte", i));
    draft.from(estate_.shared.registrar);
    draft.put("nama", text("Tanda tangan elektronik kepala " + estate_.agencies[agency].name));
    draft.put("perangkat_daerah", text(estate_.agencies[agency].code));
    draft.put("jenis", text("tte")).put("penerbit", text("BSrE"));
    validity(draft, 730, 40);
    draft.finish();
  }

  void tls(int i, const Made& domain) {
    Draft draft(estate_, dice_, "sertifikat", domain.agency, numbered("tls", i));
    draft.from(estate_.shared.registrar).put("nama", text("Sertifikat " + domain.id));
    draft.put("perangkat_daerah", text(estate_.agencies[domain.agency].code));
    draft.put("jenis", text("tls")).put("penerbit", text("Let's Encrypt"));
    draft.put("nama_domain", texts({domain.id}));
    validity(draft, 90, 25);
    draft.finish();
  }

  // Renewed again and again, mostly in time; in some cases a few days after the end, or no more.
  void validity(Draft& draft, int span, int ahead) {
    Day until = draft.day() + days(dice_.between(span / 3, span));
    put_validity(draft, until - days(span), until);
    while (until < estate_.end + days(ahead) && dice_.chance(985)) {
      const bool late = dice_.chance(35);
      const Day renewed =
          until + (late ? days(dice_.between(1, 6)) : -days(dice_.between(ahead, ahead + 4)));
      until = renewed + days(span);
      Data data;
      data.put("berlaku_dari", instant(at(renewed, {})))
          .put("berlaku_sampai", instant(at(until, {})));
      draft.change(renewed, data);
    }
  }

  void put_validity(Draft& draft, Day from, Day until) {
    draft.put("berlaku_dari", instant(at(from, {}))).put("berlaku_sampai", instant(at(until, {})));
  }

  Estate& estate_;
  Prng dice_;
  int foreign_ = 0;
};

}  // namespace

void make_names(Estate& estate) { Names(estate).make(); }

}  // namespace patuh::sample
