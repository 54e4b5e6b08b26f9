// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/text_decoder.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace actornet {

/// What a connection's bytes go through that has, or just had, an encoding.
class decoding {
public:
  /// A character of which no more comes, and the encoding in which it began.
  struct cut_off {
    std::string text;
    net::text_encoding encoding;
  };

  decoding() = default;
  explicit decoding(std::optional<net::text_encoding> chosen) { change(chosen); }

  /// What was begun in the encoding before is cut off. None: off.
  void change(std::optional<net::text_encoding> next) {
    if (decoder_)
      if (auto rest = decoder_->flush(); !rest.empty())
        cut_off_ = cut_off{std::move(rest), decoder_->encoding()};
    decoder_.reset();
    if (next)
      decoder_.emplace(*next);
  }

  bool is_on() const noexcept { return decoder_.has_value(); }

  // -- while it is on ----------------------------------------------------------------------------

  net::text_encoding encoding() const noexcept { return decoder_->encoding(); }
  std::string decode(std::string_view bytes) { return decoder_->decode(bytes); }

  /// To be told before anything else. There is never more than one: until it is told, no bytes come
  /// that could be cut off, too.
  std::optional<cut_off> take_cut_off() { return std::exchange(cut_off_, std::nullopt); }

private:
  std::optional<net::text_decoder> decoder_;
  std::optional<cut_off> cut_off_;
};

} // namespace actornet
