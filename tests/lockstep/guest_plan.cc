#include "tests/lockstep/guest_plan.h"

#include <algorithm>

namespace ballast::test {

namespace {

BalloonPlan moving(Dice& dice) {
  return dice.chance(0.5) ? BalloonPlan::kSawtooth : BalloonPlan::kSteps;
}

BalloonPlan any_balloon(Dice& dice) {
  const auto draw = dice.between(0, 3);
  if (draw == 0) return BalloonPlan::kNone;
  return draw == 1 ? BalloonPlan::kSteady : moving(dice);
}

LeakPlan any_leak(Dice& dice) {
  const auto draw = dice.between(0, 3);
  if (draw == 0) return LeakPlan::kStairs;
  return draw == 1 ? LeakPlan::kUneven : LeakPlan::kEven;
}

// Small leaks are as frequent as large ones: a third each below 54, 122 and 600 MiB or so.
double any_size_of_leak(Dice& dice) {
  const auto draw = dice.between(0.0, 1.0);
  return 24 + 576 * draw * draw * draw;
}

GuestPlan any_plan(Dice& dice) {
  GuestPlan plan;
  const auto pace = dice.between(0, 9);
  plan.interval = pace < 6 ? 3600 : pace == 6 ? 900 : pace == 7 ? 7200 : pace == 8 ? 21600 : 86400;
  plan.readings = dice.between(8, 168);
  plan.highest = dice.between(128.0, 1500.0);
  plan.late_start = dice.chance(0.5) ? dice.between(0.0, 0.3) : 0;
  plan.megabytes_per_second = dice.between(0.5, 50.0);
  plan.noise = dice.between(0.03, 0.3);
  plan.persistence = dice.chance(0.5) ? dice.between(0.0, 0.9) : 0;
  plan.driver = static_cast<DriverPlan>(dice.between(0, 2));
  plan.root = plan.driver == DriverPlan::kStatusFile || dice.chance(0.5);
  plan.counters = dice.chance(0.8);
  return plan;
}

void add_leak(GuestPlan& plan, Dice& dice) {
  plan.leak = any_leak(dice);
  plan.leaked = any_size_of_leak(dice);
}

void plan_leak(GuestKind kind, GuestPlan& plan, Dice& dice) {
  add_leak(plan, dice);
  plan.readings = std::max(plan.readings, 32);
  switch (kind) {
    case GuestKind::kLeakUnderSteady:
      plan.balloon = BalloonPlan::kSteady;
      break;
    case GuestKind::kLeakUnderSawtooth:
      plan.balloon = moving(dice);
      break;
    case GuestKind::kLeakBesideRamp:
      plan.balloon = BalloonPlan::kRamp;
      break;
    case GuestKind::kLeakThatBegan:
      plan.balloon = any_balloon(dice);
      plan.readings = std::max(plan.readings, 72);
      plan.leak_begins = dice.between(0.2, 0.7);
      break;
    case GuestKind::kLeakThatEnded:
      plan.balloon = any_balloon(dice);
      plan.leaked += 76;
      plan.leak_ends = dice.between(0.3, 0.6);
      break;
    case GuestKind::kLeakLikeBalloon:
      plan.balloon = BalloonPlan::kSteady;
      plan.shows = false;
      plan.late_start = 0;
      plan.highest = dice.between(64.0, 600.0);
      plan.leaked = plan.highest;
      plan.driver = DriverPlan::kSilent;
      break;
    default:
      break;
  }
}

void plan_consumer(GuestKind kind, GuestPlan& plan) {
  switch (kind) {
    case GuestKind::kConsumerLikeBalloon:
      plan.balloon = BalloonPlan::kSteps;
      plan.readings = std::max(plan.readings, 80);
      plan.consumer = ConsumerPlan::kLikeBalloon;
      plan.shows = false;
      plan.driver = DriverPlan::kSilent;
      break;
    case GuestKind::kConsumerInSteps:
      plan.balloon = BalloonPlan::kSteady;
      plan.consumer = ConsumerPlan::kSteps;
      break;
    default:
      plan.consumer = ConsumerPlan::kConstant;
  }
}

}  // namespace

GuestPlan make_plan(GuestKind kind, Dice& dice) {
  auto plan = any_plan(dice);
  switch (kind) {
    case GuestKind::kNoHistory:
      plan.readings = dice.between(1, 3);
      plan.balloon = dice.chance(0.7) ? BalloonPlan::kSteady : BalloonPlan::kNone;
      plan.late_start = 0;
      break;
    case GuestKind::kClean:
      break;
    case GuestKind::kWarmUp:
      plan.warm_up = dice.between(1.0, 6.0);
      plan.balloon = any_balloon(dice);
      break;
    case GuestKind::kSteady:
      plan.balloon = BalloonPlan::kSteady;
      break;
    case GuestKind::kSawtooth:
      plan.balloon = BalloonPlan::kSawtooth;
      break;
    case GuestKind::kSteps:
      plan.balloon = BalloonPlan::kSteps;
      break;
    case GuestKind::kReboot:
      plan.balloon = any_balloon(dice);
      plan.reboot = dice.between(0.01, 0.06);
      break;
    case GuestKind::kMigration:
      plan.balloon = dice.chance(0.3) ? BalloonPlan::kSteady : moving(dice);
      plan.migration = dice.between(0.02, 0.1);
      break;
    case GuestKind::kGaps:
      plan.balloon = any_balloon(dice);
      plan.lost = dice.between(0.2, 0.6);
      plan.hole = dice.between(0.0, 0.4);
      break;
    case GuestKind::kNoise:
      plan.balloon = any_balloon(dice);
      plan.noise = 2;
      break;
    case GuestKind::kStale:
      plan.balloon = moving(dice);
      plan.stale = dice.between(0.05, 0.2);
      break;
    case GuestKind::kHidden:
      plan.balloon = dice.chance(0.3) ? BalloonPlan::kSteady : moving(dice);
      plan.shows = false;
      break;
    case GuestKind::kConsumerLikeBalloon:
    case GuestKind::kConsumerInSteps:
    case GuestKind::kConstantConsumer:
      plan_consumer(kind, plan);
      break;
    default:
      plan_leak(kind, plan, dice);
  }
  return plan;
}

}  // namespace ballast::test
