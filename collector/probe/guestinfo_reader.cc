#include "collector/probe/guestinfo_reader.h"

#include <exception>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>

#include "collector/probe/guestinfo_text.h"

namespace ballast::collector {

namespace asio = boost::asio;

GuestinfoReader::Round::Round(const asio::any_io_executor& executor) : ended(executor) {
  ended.expires_at(asio::steady_timer::time_point::max());
}

// Wakes those that wait for a round, also where it ends without an answer.
class GuestinfoReader::EndsRound {
 public:
  EndsRound(GuestinfoReader& reader, std::shared_ptr<Round> round)
      : reader_(reader), round_(std::move(round)) {}
  ~EndsRound() {
    close();
    round_->ended.cancel();
  }
  EndsRound(const EndsRound&) = delete;
  EndsRound& operator=(const EndsRound&) = delete;

  // Lets nobody else join.
  void close() {
    if (reader_.gathering_round_ == round_) reader_.gathering_round_.reset();
  }

 private:
  GuestinfoReader& reader_;
  std::shared_ptr<Round> round_;
};

Awaitable<Result<std::string>> GuestinfoReader::read(std::string vm) {
  if (!gathering_round_) {
    gathering_round_ = std::make_shared<Round>(executor_);
    tasks_.spawn(ask(gathering_round_));
  }
  const auto round = gathering_round_;
  round->vms.push_back(vm);
  boost::system::error_code ignored;
  co_await round->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!round->answered) throw boost::system::system_error(asio::error::operation_aborted);
  if (!round->texts) co_return fail(round->texts.error());
  const auto told = round->texts->find(vm);
  if (told == round->texts->end()) co_return std::string();
  co_return told->second;
}

Awaitable<void> GuestinfoReader::ask(std::shared_ptr<Round> round) {
  EndsRound end(*this, round);
  co_await sleep_for(gathering_);
  end.close();
  std::string key(kProbeKey);
  try {
    round->texts = co_await vcenter_.guestinfo(round->vms, std::move(key));
  } catch (...) {
    if (is_cancellation(std::current_exception())) throw;
    round->texts = fail(unexpected(std::current_exception(), "reading guestinfo"));
  }
  round->answered = true;
}

}  // namespace ballast::collector
