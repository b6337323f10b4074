#include "tools/sample/references.h"

#include <array>
#include <cstdio>

namespace patuh::sample {
namespace {

// Names under one heading, separated by bars.
struct Heading {
  std::string_view name;
  std::string_view items;
};

constexpr auto kSectors = std::to_array<Heading>({
    {"Pertahanan dan Luar Negeri", "Pertahanan|Hubungan Luar Negeri"},
    {"Ekonomi dan Industri",
     "Industri|Perdagangan|Pertanian|Perkebunan|Peternakan|Perikanan|BUMN|Investasi|Koperasi|UKM|"
     "Pariwisata"},
    {"Pembangunan Kewilayahan",
     "Pekerjaan Umum|Transmigrasi|Transportasi|Perumahan|Pembangunan Kawasan atau Daerah|"
     "Pertanahan|Kependudukan"},
    {"Perlindungan Sosial dan Kesehatan", "Kesehatan|Sosial|Pemberdayaan Perempuan"},
    {"Ketertiban Umum dan Keselamatan", "Hukum|Keamanan|HAM"},
    {"Pendidikan dan Tenaga Kerja",
     "Pendidikan|Ketenagakerjaan|Ilmu Pengetahuan dan Teknologi|Pemuda|Olahraga"},
    {"Lingkungan dan Sumber Daya Alam", "Pertambangan|Energi|Kehutanan|Kelautan|Lingkungan Hidup"},
    {"Budaya dan Agama", "Agama|Kebudayaan"},
    {"Pemerintahan Umum",
     "Dalam Negeri|Keuangan|Informasi|Komunikasi|Perencanaan Pembangunan|Aparatur Negara|"
     "Kesekretariatan Negara"},
});

constexpr Heading kGeneralData = {
    "Data Pendukung Umum", "Kebijakan Pemerintah|Manajemen Kegiatan|Kewilayahan|Dukungan Lainnya"};

constexpr Heading kAdministration = {
    "Layanan Administrasi Pemerintahan",
    "Dalam Negeri|Keuangan|Perencanaan Pembangunan Nasional|Aparatur Negara|Kesekretariatan "
    "Negara|Dukungan Operasional Organisasi|Akuntabilitas Kinerja|Organisasi dan Tata Kelola|Data "
    "dan Informasi Pemerintahan"};

constexpr auto kApplications = std::to_array<Heading>({
    {"Aplikasi Umum", "Layanan Publik|Administrasi Pemerintahan"},
    {"Aplikasi Khusus", "Misi Tertentu|Fungsi Tertentu"},
});

constexpr auto kInfrastructure = std::to_array<Heading>({
    {"Fasilitas Komputasi", "Pusat Data Nasional|Pusat Komputasi|Pusat Kendali"},
    {"Sistem Integrasi", "Jaringan Intra Pemerintah|Sistem Penghubung Layanan"},
    {"Platform", "Kerangka Infrastruktur dan Aplikasi|Komputasi Awan"},
});

constexpr std::string_view kSecured = "Data dan Informasi|Aplikasi|Infrastruktur";
constexpr auto kSecurity = std::to_array<Heading>({
    {"Standar Keamanan", kSecured},
    {"Penerapan Keamanan", kSecured},
    {"Kelaikan Keamanan", kSecured},
});

std::string two_digits(int n) {
  return {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
}

std::vector<std::string_view> split(std::string_view items) {
  std::vector<std::string_view> out;
  for (std::size_t from = 0; from <= items.size();) {
    const std::size_t bar = std::min(items.find('|', from), items.size());
    out.push_back(items.substr(from, bar - from));
    from = bar + 1;
  }
  return out;
}

class List {
 public:
  // Level 1 with its level 2; `prefix` goes before each name.
  void add(std::string_view model, int number, const Heading& heading, std::string_view prefix) {
    const std::string parent = std::string(model) + "." + two_digits(number);
    top(parent, std::string(heading.name));
    int item = 0;
    for (const std::string_view name : split(heading.items)) {
      below(parent, ++item, std::string(prefix) + std::string(name));
    }
  }
  void top(const std::string& code, std::string name) {
    list_.push_back({code, "", std::move(name), 1});
  }
  void below(const std::string& parent, int item, std::string name) {
    list_.push_back({parent + "." + two_digits(item), parent, std::move(name), 2});
  }
  std::vector<Reference> take() { return std::move(list_); }

 private:
  std::vector<Reference> list_;
};

void add_all(List& list, std::string_view model, std::span<const Heading> headings,
             std::string_view prefix) {
  int number = 0;
  for (const Heading& heading : headings) list.add(model, ++number, heading, prefix);
}

}  // namespace

std::vector<Reference> references() {
  List list;
  add_all(list, "RAB", kSectors, "");
  add_all(list, "RAD", kSectors, "Data ");
  list.add("RAD", 10, kGeneralData, "Data ");
  list.top("RAL.01", "Layanan Publik");
  int area = 0;
  for (const Heading& sector : kSectors) {
    for (const std::string_view name : split(sector.items)) {
      list.below("RAL.01", ++area, "Layanan " + std::string(name));
    }
  }
  list.add("RAL", 2, kAdministration, "Layanan ");
  add_all(list, "RAA", kApplications, "Aplikasi ");
  add_all(list, "RAI", kInfrastructure, "");
  add_all(list, "RAK", kSecurity, "Keamanan ");
  return list.take();
}

int public_service_areas() {
  std::size_t areas = 0;
  for (const Heading& sector : kSectors) areas += split(sector.items).size();
  return static_cast<int>(areas);
}

}  // namespace patuh::sample
