#include <zstd.h>

#include <memory>

#include "store/body.h"

namespace patuh::store {

namespace {

base::Status pack(std::string_view raw, int level, bool checked, std::string& out) {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  &ZSTD_freeCCtx);
  PATUH_ASSERT(context);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, checked ? 1 : 0);
  std::size_t size = 0;
  out.resize_and_overwrite(ZSTD_compressBound(raw.size()), [&](char* to, std::size_t room) {
    size = ZSTD_compress2(context.get(), to, room, raw.data(), raw.size());
    return ZSTD_isError(size) != 0 ? 0 : size;
  });
  if (ZSTD_isError(size) == 0) return {};
  return base::fail(base::Code::kInternal,
                    std::string("compressing for the disk: ") + ZSTD_getErrorName(size));
}

}  // namespace

base::Status compress(std::string_view raw, int level, std::string& out) {
  return pack(raw, level, false, out);
}

base::Status compress_checked(std::string_view raw, int level, std::string& out) {
  return pack(raw, level, true, out);
}

base::Result<std::string> decompress(std::string_view packed, std::uint64_t raw_size) {
  if (raw_size > kRecordBytesMax) {
    return base::fail(base::Code::kCorrupt, "a stored size is beyond the limit of a record");
  }
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                  &ZSTD_freeDCtx);
  PATUH_ASSERT(context);
  // The frame says the size too: looked at first, so that a wrong column costs no memory.
  if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != raw_size) {
    return base::fail(base::Code::kCorrupt, "compressed bytes are not of the size they should be");
  }
  std::string out;
  std::size_t size = 0;
  out.resize_and_overwrite(raw_size, [&](char* to, std::size_t room) {
    size = ZSTD_decompressDCtx(context.get(), to, room, packed.data(), packed.size());
    return ZSTD_isError(size) != 0 ? 0 : size;
  });
  if (ZSTD_isError(size) != 0 || size != raw_size) {
    return base::fail(base::Code::kCorrupt, "compressed bytes do not unpack");
  }
  return out;
}

}  // namespace patuh::store
