// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/chunk.hpp>

#include "support/catch.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <thread>

using namespace actornet::net;

namespace {

const void* address_of(const chunk& what) { return what.data(); }

template <class Byte> std::vector<Byte> hundred_bytes() { return std::vector<Byte>(100, Byte{7}); }

template <class Byte> void require_taken_over() {
  auto bytes = hundred_bytes<Byte>();
  const void* const memory = bytes.data();
  const auto made = chunk::from(std::move(bytes));
  REQUIRE(address_of(made) == memory);
  REQUIRE(made.size() == 100);
  REQUIRE(made.view() == std::string(100, '\7'));
}

} // namespace

TEST_CASE("a chunk made from a long string takes over its memory") {
  std::string characters(100, 'x');
  const void* const memory = characters.data();
  const auto made = chunk::from(std::move(characters));
  REQUIRE(address_of(made) == memory);
  REQUIRE(made.view() == std::string(100, 'x'));
}

TEST_CASE("a chunk made from a short string has its characters") {
  std::string characters = "short";
  const void* const inside = characters.data();
  const auto made = chunk::from(std::move(characters));
  REQUIRE(address_of(made) != inside);
  REQUIRE(made.view() == "short");
}

TEST_CASE("a chunk made from a vector of any kind of byte takes over its memory") {
  require_taken_over<std::byte>();
  require_taken_over<std::uint8_t>();
  require_taken_over<char>();
}

TEST_CASE("a chunk of somebody else's bytes shows them, and keeps their owner alive") {
  auto owner = std::make_shared<std::array<std::byte, 100>>();
  const std::weak_ptr<void> alive = owner;
  auto made = chunk::from(*owner, owner);
  REQUIRE(address_of(made) == owner->data());
  REQUIRE(made.size() == 100);
  owner.reset();
  auto part = std::move(made).slice(90, 5);
  made = chunk();
  REQUIRE_FALSE(alive.expired());
  part = chunk();
  REQUIRE(alive.expired());
}

TEST_CASE("a chunk of somebody else's bytes pins all of them, whatever is left of it") {
  auto owner = std::make_shared<std::array<std::byte, 10'000>>();
  const auto made = chunk::from(*owner, owner);
  REQUIRE(made.pinned_bytes() > 10'000);
  REQUIRE(made.pinned_bytes() < 10'200);
  REQUIRE(made.slice(5, 1).pinned_bytes() == made.pinned_bytes());
}

TEST_CASE("bytes that outlive everything need no owner") {
  static constexpr std::string_view literal = "for ever";
  const auto made = chunk::from(std::as_bytes(std::span(literal)), nullptr);
  REQUIRE(address_of(made) == literal.data());
  REQUIRE(made.slice(4).view() == "ever");
}

TEST_CASE("a chunk of no bytes lets go of their owner at once") {
  auto owner = std::make_shared<int>();
  const auto made = chunk::from(std::span<const std::byte>(), owner);
  REQUIRE(made.empty());
  REQUIRE(made.pinned_bytes() == 0);
  REQUIRE(owner.use_count() == 1);
}

TEST_CASE("text makes a chunk of characters, NUL included") {
  REQUIRE(text(std::string("a\0b", 3)).view() == std::string_view("a\0b", 3));
}

TEST_CASE("a chunk without bytes owns nothing, however it was made") {
  std::string reserved;
  reserved.reserve(1000);
  for (const auto& made :
       {chunk(), text(""), chunk::from(std::move(reserved)), chunk::from(std::vector<std::byte>()),
        chunk::copy_of(""), text("abc").slice(3), text("abc").copy().slice(0, 0)}) {
    REQUIRE(made.empty());
    REQUIRE(made.begin() == made.end());
    REQUIRE(made.view().empty());
    REQUIRE(made.bytes().empty());
    REQUIRE(made.pinned_bytes() == 0);
  }
}

TEST_CASE("copies and slices show the same memory") {
  const auto whole = chunk::copy_of("hello world");
  const chunk copied = whole; // NOLINT(performance-unnecessary-copy-initialization)
  const auto world = whole.slice(6);
  REQUIRE(copied.data() == whole.data());
  REQUIRE(world.data() == whole.data() + 6);
  REQUIRE(world.view() == "world");
  REQUIRE(whole.slice(2, 3).view() == "llo");
  REQUIRE(world.slice(1, 3).view() == "orl");
}

TEST_CASE("a slice is cut to the bytes that are there") {
  const auto whole = text("abc");
  REQUIRE(whole.slice(0).view() == "abc");
  REQUIRE(whole.slice(1, 100).view() == "bc");
  REQUIRE(whole.slice(2, SIZE_MAX).view() == "c");
  REQUIRE(whole.slice(3).empty());
  REQUIRE(whole.slice(4, 1).empty());
  REQUIRE(whole.slice(SIZE_MAX, SIZE_MAX).empty());
  REQUIRE(chunk().slice(0, 1).empty());
}

TEST_CASE("a slice outlives the chunk that it was cut from") {
  auto whole = text(std::string(1000, 'a') + "tail");
  const auto tail = whole.slice(1000);
  whole = chunk();
  REQUIRE(tail.view() == "tail");
}

TEST_CASE("a chunk that was moved from is empty") {
  auto source = text("abc");
  auto target = std::move(source);
  REQUIRE(target.view() == "abc");
  REQUIRE(source.empty()); // NOLINT(bugprone-use-after-move): that is the question
  REQUIRE(source.pinned_bytes() == 0);
  source = std::move(target);
  REQUIRE(source.view() == "abc");
  REQUIRE(target.empty()); // NOLINT(bugprone-use-after-move): that is the question
}

TEST_CASE("a chunk survives being assigned to itself") {
  auto bytes = text("abc");
  auto& same = bytes;
  bytes = same;
  REQUIRE(bytes.view() == "abc");
  bytes = bytes.slice(1);
  REQUIRE(bytes.view() == "bc");
}

TEST_CASE("chunks are equal when their bytes are, wherever they lie") {
  REQUIRE(text("abc") == text("xabcx").slice(1, 3));
  REQUIRE(text("abc") != text("abd"));
  REQUIRE(text("abc") != text("ab"));
  REQUIRE(chunk() == text(""));
}

TEST_CASE("a slice pins its whole block, a copy of it only its own bytes") {
  const auto few = text(std::string(100'000, 'x')).slice(10, 10);
  REQUIRE(few.pinned_bytes() >= 100'000);
  const auto own = few.copy();
  REQUIRE(own == few);
  REQUIRE(own.data() != few.data());
  REQUIRE(own.pinned_bytes() >= 10 + sizeof(block));
  REQUIRE(own.pinned_bytes() < 100);
}

TEST_CASE("a copy of a charged chunk is not counted by the receive window") {
  struct charged_block final : block {
    charged_block()
        : block(500, [](block* gone) noexcept { delete static_cast<charged_block*>(gone); }) {}
    std::byte bytes[10]{};
  };
  const auto window = make_receive_window(1000, nullptr);
  auto* const owner = new charged_block;
  owner->charge(window);
  auto received = chunk::of(block_ptr(owner), owner->bytes, 10);
  const auto kept = received.slice(2).copy();
  REQUIRE(window->bytes_held() == 500);
  received = chunk();
  REQUIRE(window->bytes_held() == 0);
  REQUIRE(kept.size() == 8);
}

TEST_CASE("many threads may copy, slice, read and drop chunks of one block") {
  std::string characters(1000, 0);
  std::iota(characters.begin(), characters.end(), char{0});
  const auto expected = characters;
  auto whole = chunk::from(std::move(characters));
  std::atomic<int> mismatches = 0;
  std::vector<std::thread> threads;
  for (std::size_t id = 0; id < 8; ++id)
    threads.emplace_back([&expected, &mismatches, mine = whole, id] {
      for (std::size_t offset = id; offset < 1000; ++offset) {
        const auto part = mine.slice(offset, 50);
        const auto same = part; // NOLINT(performance-unnecessary-copy-initialization)
        if (same.view() != std::string_view(expected).substr(offset, 50))
          ++mismatches;
      }
    });
  whole = chunk();
  for (auto& each : threads)
    each.join();
  REQUIRE(mismatches == 0);
}
