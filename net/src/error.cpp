// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/error.hpp>

#include <actornet/net/endpoint.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace actornet::net {

namespace {

struct errno_sentence {
  int number;
  std::string_view sentence;
};

// Where libuv, and so Node, words it otherwise than the C library (uv.h, UV_ERRNO_MAP).
constexpr auto node_sentences = std::to_array<errno_sentence>({
    {EADDRNOTAVAIL, "address not available"},
    {EAFNOSUPPORT, "address family not supported"},
    {EALREADY, "connection already in progress"},
    {EBUSY, "resource busy or locked"},
    {EEXIST, "file already exists"},
    {EFAULT, "bad address in system call argument"},
    {EHOSTUNREACH, "host is unreachable"},
    {EISCONN, "socket is already connected"},
    {EISDIR, "illegal operation on a directory"},
    {ELOOP, "too many symbolic links encountered"},
    {ENAMETOOLONG, "name too long"},
    {ENETUNREACH, "network is unreachable"},
    {ENFILE, "file table overflow"},
    {ENOENT, "no such file or directory"},
    {ENOMEM, "not enough memory"},
    {ENOTCONN, "socket is not connected"},
    {ENOTSUP, "operation not supported on socket"},
    {EPERM, "operation not permitted"},
    {ESHUTDOWN, "cannot send after transport endpoint shutdown"},
    {ESPIPE, "invalid seek"},
});

struct resolver_sentence {
  std::string_view code;
  std::string_view sentence;
};

constexpr auto resolver_sentences = std::to_array<resolver_sentence>({
    {"ENOTFOUND", "host name not found"},
    {"EAI_ADDRFAMILY", "address family not supported"},
    {"EAI_AGAIN", "temporary failure"},
    {"EAI_BADFLAGS", "bad ai_flags value"},
    {"EAI_CANCELED", "request canceled"},
    {"EAI_FAIL", "permanent failure"},
    {"EAI_FAMILY", "ai_family not supported"},
    {"EAI_MEMORY", "out of memory"},
    {"EAI_NODATA", "no address"},
    {"EAI_NONAME", "unknown node or service"},
    {"EAI_OVERFLOW", "argument buffer overflow"},
    {"EAI_SERVICE", "service not available for socket type"},
    {"EAI_SOCKTYPE", "socket type not supported"},
});

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)

const char* errno_name(int number) { return strerrorname_np(number); }

// Unlike strerror: thread-safe and never translated.
std::string errno_description(int number) {
  const char* text = strerrordesc_np(number);
  return text ? text : "unknown error " + std::to_string(number);
}

#else

const char* errno_name(int) { return nullptr; }

std::string errno_description(int number) { return std::generic_category().message(number); }

#endif

std::string in_lower_case_at_first(std::string text) {
  // "RFS specific error" stays as it is.
  auto upper = [&](std::size_t at) {
    return at < text.size() && std::isupper(static_cast<unsigned char>(text[at]));
  };
  if (upper(0) && !upper(1))
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string errno_message(int number) {
  auto found = std::find_if(node_sentences.begin(), node_sentences.end(),
                            [&](const errno_sentence& each) { return each.number == number; });
  if (found != node_sentences.end())
    return std::string{found->sentence};
  return in_lower_case_at_first(errno_description(number));
}

std::string resolver_message(std::string_view code) {
  auto found = std::find_if(resolver_sentences.begin(), resolver_sentences.end(),
                            [&](const resolver_sentence& each) { return each.code == code; });
  return std::string{found != resolver_sentences.end() ? found->sentence
                                                       : "name resolution failed"};
}

int closest_errno(trouble kind) {
  switch (kind) {
  case trouble::system:
    break;
  case trouble::invalid_argument:
    return EINVAL;
  case trouble::not_resolved:
    return ENOENT;
  case trouble::timed_out:
    return ETIMEDOUT;
  case trouble::destroyed:
  case trouble::aborted:
    return ECANCELED;
  case trouble::reset_by_us:
    return ECONNRESET;
  case trouble::finished:
    return EPIPE;
  case trouble::not_connected:
    return ENOTCONN;
  case trouble::refused_by_limit:
    return ENOBUFS;
  case trouble::handler_failed:
    return ECONNABORTED;
  case trouble::shut_down:
    return ECANCELED;
  case trouble::denied:
    return EACCES;
  }
  assert(false && "a failed system call brings its own errno");
  return EINVAL;
}

std::string address_and_port(const error& what) {
  if (what.address.empty() || what.port == 0)
    return what.address;
  bool is_ipv6 = what.address.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + what.address + "]" : what.address) + ":" + std::to_string(what.port);
}

} // namespace

error error::system(int number, std::string_view syscall) {
  assert(number > 0);
  error result;
  result.kind = trouble::system;
  result.number = number;
  result.syscall = syscall;
  return result;
}

error error::system(int number, std::string_view syscall, const endpoint& about) {
  return system(number, syscall).at(about);
}

error error::of(trouble kind, std::string_view syscall, std::string detail) {
  error result;
  result.kind = kind;
  result.number = closest_errno(kind);
  result.syscall = syscall;
  result.detail = std::move(detail);
  return result;
}

error error::invalid(std::string detail) {
  return of(trouble::invalid_argument, {}, std::move(detail));
}

error error::at(const endpoint& about) const {
  error result = *this;
  if (about.family() == address_family::none)
    return result;
  result.address = about.address();
  result.port = about.port();
  return result;
}

std::string error::code() const {
  if (kind == trouble::not_resolved)
    return resolver_code.empty() ? "ENOTFOUND" : resolver_code;
  const char* name = errno_name(number);
  return name ? name : "E" + std::to_string(number);
}

std::string error::message() const {
  if (!detail.empty())
    return detail;
  return kind == trouble::not_resolved ? resolver_message(code()) : errno_message(number);
}

std::string to_string(const error& what) {
  std::string result;
  if (!what.syscall.empty())
    result = what.syscall + " ";
  result += what.code() + ": " + what.message();
  if (auto about = address_and_port(what); !about.empty())
    result += " " + about;
  return result;
}

std::string_view to_string(trouble kind) noexcept {
  switch (kind) {
  case trouble::system:
    return "system";
  case trouble::invalid_argument:
    return "invalid_argument";
  case trouble::not_resolved:
    return "not_resolved";
  case trouble::timed_out:
    return "timed_out";
  case trouble::destroyed:
    return "destroyed";
  case trouble::aborted:
    return "aborted";
  case trouble::reset_by_us:
    return "reset_by_us";
  case trouble::finished:
    return "finished";
  case trouble::not_connected:
    return "not_connected";
  case trouble::refused_by_limit:
    return "refused_by_limit";
  case trouble::handler_failed:
    return "handler_failed";
  case trouble::shut_down:
    return "shut_down";
  case trouble::denied:
    return "denied";
  }
  return "unknown";
}

} // namespace actornet::net
