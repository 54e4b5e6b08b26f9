// SPDX-License-Identifier: BSD-3-Clause
#include "listener.hpp"

#include <cerrno>
#include <string>
#include <utility>

namespace actornet::net::simulation {

listener::listener(backend& home, descriptor socket, listener_end_ptr end, listen_events& events)
    : home_(home), socket_(std::move(socket)), end_(std::move(end)), events_(events) {
  end_->watch(this);
}

void listener::start_accepting() {
  accepting_ = true;
  home_.call_next_turn(*this);
}

void listener::on_turn() {
  for (int i = 0; i < accepts_per_turn_max; ++i) {
    if (closed || !accepting_ || !end_->has_waiting())
      return;
    accept_one();
  }
  if (!closed && accepting_ && end_->has_waiting())
    home_.call_next_turn(*this);
}

void listener::accept_one() {
  if (singly_ && !events_.may_accept()) {
    accepting_ = false;
    return;
  }
  int trouble = home_.home().faults().take_accept_failure(end_->local());
  if (trouble == ECONNABORTED) { // listen_events: skipped without a word
    end_->take()->reset();
    return no_connection();
  }
  if (trouble != 0) {
    no_connection();
    return fail_accept(trouble);
  }
  if (home_.home().descriptors().is_full()) {
    no_connection();
    return shed_one();
  }
  auto taken = end_->take();
  auto local = taken->local();
  auto remote = taken->remote();
  auto socket = home_.home().open(std::move(taken));
  home_.home().note("fd " + std::to_string(socket.number()) + " accepted");
  events_.on_accepted({std::move(socket), std::move(local), std::move(remote)});
}

void listener::no_connection() {
  if (singly_)
    events_.on_none_accepted();
}

// As the kernel backends do with their spare descriptor, which is not counted here.
void listener::shed_one() {
  auto taken = end_->take();
  auto local = taken->local();
  auto remote = taken->remote();
  taken->close();
  home_.home().note("shed " + to_string(remote));
  events_.on_shed(error::system(EMFILE, "accept", end_->local()), local, remote);
}

void listener::fail_accept(int number) {
  accepting_ = false;
  home_.home().note("accept failed " + std::to_string(number));
  events_.on_accept_failed(error::system(number, "accept", end_->local()));
}

void listener::close() {
  socket_ = {};
  let_go();
}

} // namespace actornet::net::simulation
