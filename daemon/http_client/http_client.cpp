#include "http_client/http_client.h"

#include <curl/curl.h>

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

base::Code code_of(CURLcode code, const Receiver& receiver) {
  if (receiver.too_long) return base::Code::kExhausted;
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    return base::Code::kInvalid;
  }
  return base::Code::kUnavailable;
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
  CURL* handle = nullptr;
  ~Impl() { curl_easy_cleanup(handle); }

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

base::Result<Answer> Client::send(const Request& request) {
  curl_easy_reset(impl_->handle);  // connections and their cache stay
  Receiver receiver{{}, impl_->options.answer_bytes_max, false};
  const List headers = list_of(request);
  impl_->set(CURLOPT_URL, request.url.c_str());
  impl_->set(CURLOPT_PROTOCOLS_STR, "http,https");
  impl_->set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") impl_->set(CURLOPT_NOBODY, 1L);
  if (!request.body.empty()) {
    impl_->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    impl_->set(CURLOPT_POSTFIELDS, request.body.data());
  }
  impl_->set(CURLOPT_HTTPHEADER, headers.get());
  impl_->set(CURLOPT_WRITEFUNCTION, &receive);
  impl_->set(CURLOPT_WRITEDATA, static_cast<void*>(&receiver));
  impl_->set(CURLOPT_NOSIGNAL, 1L);
  impl_->set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(impl_->options.connect_timeout.count()));
  impl_->set(CURLOPT_TIMEOUT_MS, static_cast<long>(impl_->options.timeout.count()));
  if (!impl_->options.ca_file.empty()) {
    impl_->set(CURLOPT_CAINFO, impl_->options.ca_file.c_str());
  }
  const CURLcode code = curl_easy_perform(impl_->handle);
  if (code != CURLE_OK) {
    return base::fail(code_of(code, receiver), request.url + ": " +
                                                   (receiver.too_long ? "the answer is too long"
                                                                      : curl_easy_strerror(code)));
  }
  Answer answer;
  PATUH_ASSERT(curl_easy_getinfo(impl_->handle, CURLINFO_RESPONSE_CODE, &answer.status) ==
               CURLE_OK);
  answer.body = std::move(receiver.body);
  return answer;
}

}  // namespace patuh::http_client
