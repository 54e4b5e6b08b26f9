// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "handled_endpoint.hpp"
#include "parcel.hpp"
#include "send_asker.hpp"

#include <cstdint>

namespace actornet {

/// What a UDP endpoint and its sessions have in common: sends of every form, and their answers.
class datagram_endpoint : public handled_endpoint {
public:
  using handled_endpoint::handled_endpoint;

protected:
  virtual void begin_send(packed&& made, const destination& to) = 0;

  /// False: the command is no send.
  bool obey_send(command& what);
  void answer_sent(send_asker& who, std::uint64_t bytes, bool keep_going);
  void answer_not_sent(send_asker& who, const error& why);

private:
  void obey_batch(command& what);
  void one_less(send_together& of);
};

} // namespace actornet
