// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace actornet {

/// A list that is empty in nearly all of its owners, of which there are many: then it is no more
/// than a pointer.
template <class T> class seldom_list {
public:
  bool empty() const noexcept { return !items_; }

  void push_back(T&& last) {
    if (!items_)
      items_ = std::make_unique<std::vector<T>>();
    items_->push_back(std::move(last));
  }

  void put_before(std::vector<T>&& first) {
    first.insert(first.end(), std::make_move_iterator(begin()), std::make_move_iterator(end()));
    if (!first.empty())
      items_ = std::make_unique<std::vector<T>>(std::move(first));
  }

  /// All of it; the list is empty then.
  std::vector<T> take() {
    const auto all = std::exchange(items_, nullptr);
    return all ? std::move(*all) : std::vector<T>();
  }

  void clear() noexcept { items_ = nullptr; }

private:
  T* begin() noexcept { return items_ ? items_->data() : nullptr; }
  T* end() noexcept { return items_ ? items_->data() + items_->size() : nullptr; }

  std::unique_ptr<std::vector<T>> items_; // null: empty
};

} // namespace actornet
