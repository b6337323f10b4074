#include "http_client/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace patuh::http_client {
namespace {

struct Receiver {
  std::string body;
  std::size_t most = 0;
  bool too_long = false;
};

std::size_t receive(char* data, std::size_t size, std::size_t count, void* to) {
  auto& receiver = *static_cast<Receiver*>(to);
  if (receiver.body.size() + size * count > receiver.most) {
    receiver.too_long = true;
    return 0;
  }
  receiver.body.append(data, size * count);
  return size * count;
}

// curl's own start is not safe between threads; a static's is.
void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  PATUH_ASSERT(started == CURLE_OK);
}

// Called about once a second while curl waits; anything but 0 ends the request.
int ask_to_stop(void* token, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

// The environment's exceptions from its proxies, and this machine.
std::string without_proxy() {
  std::string out = "localhost,127.0.0.1,::1";
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    if (const char* more = std::getenv(name); more != nullptr && *more != '\0') {
      return out + "," + more;
    }
  }
  return out;
}

std::unexpected<base::Error> failure(const Request& request, CURLcode code,
                                     const Receiver& receiver, const char* detail) {
  if (receiver.too_long) {
    return base::fail(base::Code::kExhausted, shown(request.url) + ": the answer is too long");
  }
  base::Code kind = base::Code::kUnavailable;
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    kind = base::Code::kInvalid;
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) kind = base::Code::kCancelled;
  const std::string why = *detail != '\0' ? detail : curl_easy_strerror(code);
  return base::fail(kind, shown(request.url) + ": " + why);
}

bool has_body(const Request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

List list_of(const Request& request) {
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    list = curl_slist_append(list, (name + ": " + value).c_str());
  }
  return {list, &curl_slist_free_all};
}

}  // namespace

struct Client::Impl {
  Options options;
  std::string no_proxy = without_proxy();
  CURL* handle = nullptr;
  ~Impl() { curl_easy_cleanup(handle); }
  void prepare(const Request& request);

  template <class T>
  void set(CURLoption option, T value) {
    PATUH_ASSERT(curl_easy_setopt(handle, option, value) == CURLE_OK);
  }
};

Client::Client(Options options) : impl_(std::make_unique<Impl>()) {
  start_curl();
  impl_->options = std::move(options);
  impl_->handle = curl_easy_init();
  PATUH_ASSERT(impl_->handle != nullptr);
}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

void Client::Impl::prepare(const Request& request) {
  curl_easy_reset(handle);  // connections and their cache stay
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOPROXY, no_proxy.c_str());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.certificate_file.empty()) set(CURLOPT_SSLCERT, options.certificate_file.c_str());
  if (!options.key_file.empty()) set(CURLOPT_SSLKEY, options.key_file.c_str());
  if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
  if (has_body(request)) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());
  }
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

base::Result<Answer> Client::send(const Request& request, std::stop_token stop) {
  if (stop.stop_requested()) {
    return base::fail(base::Code::kCancelled, shown(request.url) + ": stopped before it began");
  }
  Receiver receiver{{}, impl_->options.answer_bytes_max, false};
  const List headers = list_of(request);
  std::array<char, CURL_ERROR_SIZE> detail{};
  impl_->prepare(request);
  impl_->set(CURLOPT_HTTPHEADER, headers.get());
  impl_->set(CURLOPT_WRITEFUNCTION, &receive);
  impl_->set(CURLOPT_WRITEDATA, static_cast<void*>(&receiver));
  impl_->set(CURLOPT_ERRORBUFFER, detail.data());
  impl_->set(CURLOPT_NOPROGRESS, 0L);
  impl_->set(CURLOPT_XFERINFOFUNCTION, &ask_to_stop);
  impl_->set(CURLOPT_XFERINFODATA, static_cast<void*>(&stop));
  const CURLcode code = curl_easy_perform(impl_->handle);
  impl_->set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  if (code != CURLE_OK) return failure(request, code, receiver, detail.data());
  Answer answer;
  PATUH_ASSERT(curl_easy_getinfo(impl_->handle, CURLINFO_RESPONSE_CODE, &answer.status) ==
               CURLE_OK);
  answer.body = std::move(receiver.body);
  return answer;
}

std::string shown(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < begin) return std::string(url);
  return std::string(url.substr(0, begin)) + std::string(url.substr(at + 1));
}

}  // namespace patuh::http_client
