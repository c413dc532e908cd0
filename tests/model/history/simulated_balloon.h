// The balloon of a synthetic guest. Private to the generator.
#pragma once

#include <algorithm>
#include <optional>

namespace ballast::test {

// The balloon between two scans: it moves towards a target that is changed now and then.
class SimulatedBalloon {
 public:
  explicit SimulatedBalloon(double speed) : speed_(speed) {}

  void set(double mib) { size_ = target_ = mib; }
  void change_at(double when, double target) {
    when_ = when;
    next_ = target;
  }
  void burst() { size_ = 0; }  // a reboot
  [[nodiscard]] double target() const { return when_ ? next_ : target_; }

  double advance(double until) {
    if (when_ && *when_ <= until) {
      move(*when_ - now_);
      now_ = std::max(now_, *when_);
      target_ = next_;
      when_.reset();
    }
    move(until - now_);
    now_ = std::max(now_, until);
    return size_;
  }

 private:
  void move(double seconds) {
    const auto most = speed_ * std::max(seconds, 0.0);
    size_ += std::clamp(target_ - size_, -most, most);
  }

  double speed_;
  double now_ = -1e12;
  double size_ = 0;
  double target_ = 0;
  std::optional<double> when_;
  double next_ = 0;
};

}  // namespace ballast::test
