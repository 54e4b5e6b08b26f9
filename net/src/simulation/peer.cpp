// SPDX-License-Identifier: BSD-3-Clause
#include "peer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace actornet::net::simulation {

peer::peer(expected<stream_end_ptr> made) {
  if (made) {
    end_ = std::move(*made);
    end_->watch(this);
    go_on();
  } else {
    failure_ = std::move(made.error());
  }
}

void peer::go_on() {
  if (!connected() || end_->is_closed())
    return;
  push();
  pull();
}

void peer::push() {
  if (end_->broken() != 0)
    return;
  unsent_.pop(end_->write(unsent_.view()));
  if (finishing_ && unsent_.empty()) {
    finishing_ = false;
    end_->finish();
  }
}

void peer::pull() {
  std::array<std::byte, 4096> part;
  while (reads_ > 0 && end_->readable_bytes() > 0) {
    auto count = end_->read(std::span(part).first(std::min(part.size(), reads_)));
    received_.append(reinterpret_cast<const char*>(part.data()), count);
    if (reads_ != SIZE_MAX)
      reads_ -= count;
  }
  if (reads_ > 0 && end_->at_end())
    got_end_ = true;
}

void peer::send(std::string_view bytes) {
  unsent_.push(bytes);
  go_on();
}

void peer::finish() {
  finishing_ = true;
  go_on();
}

void peer::read(std::size_t most) {
  reads_ = most;
  go_on();
}

void peer::close() {
  unsent_.clear();
  if (end_)
    end_->close();
}

void peer::reset() {
  unsent_.clear();
  if (end_)
    end_->reset();
}

std::optional<error> peer::connect_failure() const {
  if (failure_ || end_->refusal() == 0)
    return failure_;
  return error::system(end_->refusal(), "connect", end_->remote());
}

} // namespace actornet::net::simulation
