#include "tools/sample/functions.h"

#include <array>

namespace patuh::sample {
namespace {

using enum Owner;

constexpr auto kKnown = std::to_array<KnownApplication>({
    // National shared applications.
    {"sipd-ri", "SIPD-RI", "bappeda", kNational, "perencanaan", "PERENCANAAN", false, false},
    {"srikandi", "SRIKANDI", "disperpusip", kNational, "kearsipan", "KEARSIPAN-NASIONAL", false,
     false},
    {"sp4n-lapor", "SP4N-LAPOR!", "diskominfo", kNational, "pengaduan", "PENGADUAN-NASIONAL", true,
     true},
    {"spse", "SPSE", "setda", kNational, "pengadaan", "PENGADAAN", true, false},
    {"siasn", "SI-ASN", "bkpsdm", kNational, "kepegawaian", "KEPEGAWAIAN-NASIONAL", false, true},
    {"sirup", "SIRUP", "setda", kNational, "pengadaan", "RENCANA-PENGADAAN", true, false},
    // Ministries'.
    {"siak-terpusat", "SIAK Terpusat", "dukcapil", kMinistry, "", "KEPENDUDUKAN", false, true},
    {"ikd", "Identitas Kependudukan Digital", "dukcapil", kMinistry, "", "IDENTITAS-DIGITAL", true,
     true},
    {"oss-rba", "OSS-RBA", "dpmptsp", kMinistry, "", "PERIZINAN-USAHA", true, true},
    {"simbg", "SIMBG", "dputr", kMinistry, "", "BANGUNAN-GEDUNG", true, true},
    {"satusehat", "SATUSEHAT", "dinkes", kMinistry, "", "REKAM-MEDIS-NASIONAL", false, true},
    {"sisdmk", "SISDMK", "dinkes", kMinistry, "", "SDM-KESEHATAN", false, true},
    {"dapodik", "Dapodik", "dindikbud", kMinistry, "", "POKOK-PENDIDIKAN", false, true},
    {"siks-ng", "SIKS-NG", "dinsos", kMinistry, "", "KESEJAHTERAAN-SOSIAL", false, true},
    {"siskeudes", "Siskeudes", "dpmd", kMinistry, "", "KEUANGAN-DESA", false, false},
    {"prodeskel", "Prodeskel", "dpmd", kMinistry, "", "PROFIL-DESA", false, false},
    {"siinas", "SIINas", "diskopdag", kMinistry, "", "INDUSTRI", false, false},
    {"siapkerja", "SIAPkerja", "disnaker", kMinistry, "", "KETENAGAKERJAAN", true, true},
    {"e-kinerja-bkn", "e-Kinerja BKN", "bkpsdm", kMinistry, "", "KINERJA-PEGAWAI", false, true},
    {"e-katalog", "e-Katalog", "setda", kMinistry, "", "KATALOG", true, false},
    // Six functions that several agencies have each built for themselves.
    {"e-presensi", "e-Presensi", "bkpsdm", kLocal, "", "PRESENSI", false, true},
    {"presensi-dinkes", "Presensi Dinas Kesehatan", "dinkes", kLocal, "", "PRESENSI", false, true},
    {"presensi-guru", "Presensi Guru", "dindikbud", kLocal, "", "PRESENSI", false, true},
    {"e-office", "e-Office", "setda", kLocal, "", "PERSURATAN", false, false},
    {"e-surat-dputr", "e-Surat DPUTR", "dputr", kLocal, "", "PERSURATAN", false, false},
    {"data-desa-dpmd", "Data Desa Terpadu", "dpmd", kLocal, "", "DATA-DESA", true, true},
    {"data-desa-bappeda", "Basis Data Desa", "bappeda", kLocal, "", "DATA-DESA", false, true},
    {"aduan-bupati", "Aduan Warga", "diskominfo", kLocal, "pengaduan", "PENGADUAN", true, true},
    {"aduan-lingkungan", "Aduan Lingkungan", "dlh", kLocal, "pengaduan", "PENGADUAN", true, true},
    {"e-arsip", "e-Arsip", "disperpusip", kLocal, "kearsipan", "KEARSIPAN", false, false},
    {"arsip-setda", "Arsip Sekretariat", "setda", kLocal, "kearsipan", "KEARSIPAN", false, false},
    {"simpeg", "SIMPEG", "bkpsdm", kLocal, "kepegawaian", "KEPEGAWAIAN", false, true},
    {"pegawai-rsud", "Kepegawaian RSUD", "rsud1", kLocal, "kepegawaian", "KEPEGAWAIAN", false,
     true},
    // Other local ones.
    {"jdih", "JDIH", "setda", kLocal, "", "PRODUK-HUKUM", true, false},
    {"ppid", "PPID", "diskominfo", kLocal, "", "INFORMASI-PUBLIK", true, true},
    {"satu-data", "Portal Satu Data", "diskominfo", kLocal, "", "DATA-TERBUKA", true, false},
    {"geoportal", "Geoportal", "bappeda", kLocal, "", "GEOSPASIAL", true, false},
    {"portal-layanan", "Portal Layanan Kabupaten", "diskominfo", kLocal, "", "PORTAL", true, true},
    {"sso", "Masuk Tunggal Pegawai", "diskominfo", kLocal, "", "SSO", false, true},
    {"tte", "Tanda Tangan Elektronik", "diskominfo", kLocal, "", "TTE", false, true},
    {"e-bmd", "e-BMD", "bpkd", kLocal, "", "ASET", false, false},
    {"e-sakip", "e-SAKIP", "setda", kLocal, "", "AKUNTABILITAS", false, false},
    {"e-audit", "e-Audit", "inspektorat", kLocal, "", "PENGAWASAN", false, false},
    {"wbs", "Whistleblowing System", "inspektorat", kLocal, "", "PELANGGARAN", true, true},
    {"e-bphtb", "e-BPHTB", "bprd", kLocal, "", "BPHTB", true, true},
    {"e-pbb", "e-PBB", "bprd", kLocal, "", "PBB", true, true},
    {"simrs-b", "SIMRS Kelas B", "rsud1", kLocal, "", "RUMAH-SAKIT-1", false, true},
    {"simrs-c", "SIMRS Kelas C", "rsud2", kLocal, "", "RUMAH-SAKIT-2", false, true},
    {"e-puskesmas", "e-Puskesmas", "dinkes", kLocal, "", "PUSKESMAS", false, true},
    {"spmb", "SPMB", "dindikbud", kLocal, "", "PENERIMAAN-MURID", true, true},
    {"harga-pangan", "Papan Harga Bahan Pokok", "diskopdag", kLocal, "", "HARGA", true, false},
    {"tiket-wisata", "e-Tiket Wisata", "disparpora", kLocal, "", "TIKET", true, true},
    {"siaga-112", "Panggilan Darurat 112", "bpbd", kLocal, "", "DARURAT", true, true},
    {"cctv", "Pemantauan CCTV", "dishub", kLocal, "", "CCTV", true, false},
});

}  // namespace

std::span<const KnownApplication> known_applications() { return kKnown; }

}  // namespace patuh::sample
