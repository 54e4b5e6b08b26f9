// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include "small_pieces.hpp"

#include <cstring>
#include <thread>
#include <vector>

using actornet::net::small_pieces;

namespace {

/// What is kept by a thread that did `what`; 0 where a sanitizer keeps it from that.
template <class F> std::size_t kept_after(F what) {
  std::size_t kept = 0;
  std::thread([&] {
    what();
    kept = small_pieces::kept_bytes();
  }).join();
  return kept;
}

bool keeps_any() {
  static const bool answer =
      kept_after([] { small_pieces::give_back(small_pieces::take(1), 1); }) > 0;
  return answer;
}

} // namespace

TEST_CASE("a piece is as large as was asked for, whatever the size") {
  std::vector<void*> pieces;
  for (std::size_t size = 1; size <= small_pieces::piece_bytes_max + 10; ++size) {
    pieces.push_back(small_pieces::take(size));
    std::memset(pieces.back(), 0xff, size);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i)
    small_pieces::give_back(pieces[i], i + 1);
}

TEST_CASE("a piece that was given back is the next one of its size") {
  bool is_next = false;
  bool is_another = false;
  kept_after([&] {
    auto* first = small_pieces::take(100);
    small_pieces::give_back(first, 100);
    auto* smaller = small_pieces::take(50);
    auto* second = small_pieces::take(97); // a size that shares its place
    is_next = second == first;
    is_another = smaller != second;
    small_pieces::give_back(smaller, 50);
    small_pieces::give_back(second, 97);
  });
  CHECK((is_next || !keeps_any()));
  CHECK(is_another);
}

TEST_CASE("a thread keeps little, and nothing that is large") {
  const auto after_many = kept_after([] {
    std::vector<void*> pieces;
    for (int i = 0; i < 10'000; ++i)
      pieces.push_back(small_pieces::take(64));
    for (auto* each : pieces)
      small_pieces::give_back(each, 64);
  });
  CHECK(after_many == (keeps_any() ? small_pieces::kept_bytes_max : 0));
  constexpr auto large = small_pieces::piece_bytes_max + 1;
  CHECK(kept_after([] { small_pieces::give_back(small_pieces::take(large), large); }) == 0);
}

TEST_CASE("what is taken again is not kept any more") {
  CHECK(kept_after([] {
          small_pieces::give_back(small_pieces::take(64), 64);
          small_pieces::give_back(small_pieces::take(64), 64);
        }) == (keeps_any() ? 64 : 0));
}

TEST_CASE("a piece may be given back on another thread than it was taken on") {
  auto* piece = small_pieces::take(64);
  const auto before = small_pieces::kept_bytes();
  CHECK(kept_after([&] { small_pieces::give_back(piece, 64); }) == (keeps_any() ? 64 : 0));
  CHECK(small_pieces::kept_bytes() == before);
}
