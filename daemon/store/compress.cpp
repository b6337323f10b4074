#include <zstd.h>

#include <memory>

#include "store/body.h"

namespace patuh::store {

base::Status compress(std::string_view raw, int level, std::string& out) {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  &ZSTD_freeCCtx);
  PATUH_ASSERT(context);
  out.resize(ZSTD_compressBound(raw.size()));
  const std::size_t size =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), raw.data(), raw.size(), level);
  if (ZSTD_isError(size) != 0) {
    return base::fail(base::Code::kInternal,
                      std::string("compressing a record: ") + ZSTD_getErrorName(size));
  }
  out.resize(size);
  return {};
}

base::Status compress_checked(std::string_view raw, int level, std::string& out) {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  &ZSTD_freeCCtx);
  PATUH_ASSERT(context);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compressBound(raw.size()));
  const std::size_t size =
      ZSTD_compress2(context.get(), out.data(), out.size(), raw.data(), raw.size());
  if (ZSTD_isError(size) != 0) {
    return base::fail(base::Code::kInternal,
                      std::string("compressing a snapshot: ") + ZSTD_getErrorName(size));
  }
  out.resize(size);
  return {};
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
  std::string out(raw_size, '\0');
  const std::size_t size =
      ZSTD_decompressDCtx(context.get(), out.data(), out.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0 || size != raw_size) {
    return base::fail(base::Code::kCorrupt, "compressed bytes do not unpack");
  }
  return out;
}

}  // namespace patuh::store
