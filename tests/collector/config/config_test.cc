#include "collector/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

using ::testing::HasSubstr;

constexpr const char* kWhole = R"(
[[vcenter]]
name = "prod"
url = "https://vc.example.com"
username = "ballast@vsphere.local"
password_file = "/etc/ballast/prod.password"
ca_file = "/etc/ballast/ca.pem"
page_size = 500
max_connections = 4
connect_timeout = "5s"
request_timeout = "2m"
stall_timeout = "20m"
schedule = "30m"
retry = "2m"

[[vcenter]]
url = "https://vc2.example.com:8443/sdk"
username = "u"
password_env = "VC2_PASSWORD"
schedule = "0 */4 * * mon-fri"
jitter = "90s"

[guest]
vcenter = "*"
username = "probe"
password_command = "pass show guests"
probe = "ballooned"
concurrency = 128
concurrency_per_host = 4
deadline = "90s"

[[guest.override]]
vcenter = ["prod", "vc2.example.com:8443"]
vm = "db-*"
folder = "Paris/*"
guest_family = "linux*"
host = "esx*"
cluster = "blue"
instance_uuid = ["5012f0a4-6c1e-4f6b-9d3a-0123456789ab", "5012F0A4-6C1E-4F6B-9D3A-0123456789AC"]
tag = "Env/Prod"
username = "dbprobe"
password_file = "/etc/ballast/db.password"

[[guest.override]]
vm = "appliance-*"
skip = true

[[guest.override]]
vcenter = "prod"
folder_id = "group-v123"
probe = "guestinfo"

[storage]
path = "/tmp/b.db"
keep_raw = "48h"
keep_hourly = "4w"
keep_daily = "400d"

[log]
level = "debug"
format = "json"
)";

TEST(ParseConfig, ReadsEveryKey) {
  const auto parsed = parse_config(kWhole, "b.toml");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->vcenters.size(), 2u);
  const auto& prod = parsed->vcenters[0];
  EXPECT_EQ(prod.name, "prod");
  EXPECT_EQ(prod.password.kind, SecretSource::Kind::kFile);
  EXPECT_EQ(prod.ca_file, "/etc/ballast/ca.pem");
  EXPECT_EQ(prod.page_size, 500);
  EXPECT_EQ(prod.max_connections, 4u);
  EXPECT_EQ(prod.connect_timeout, std::chrono::seconds(5));
  EXPECT_EQ(prod.request_timeout, std::chrono::minutes(2));
  EXPECT_EQ(prod.stall_timeout, std::chrono::minutes(20));
  EXPECT_EQ(std::get<std::chrono::seconds>(prod.schedule.when), std::chrono::minutes(30));
  EXPECT_EQ(prod.schedule.jitter, std::chrono::minutes(3)) << "a tenth of the interval";
  EXPECT_EQ(prod.retry, std::chrono::minutes(2));
  EXPECT_TRUE(std::holds_alternative<CronExpression>(parsed->vcenters[1].schedule.when));
  EXPECT_EQ(parsed->vcenters[1].schedule.jitter, std::chrono::seconds(90));
  EXPECT_EQ(parsed->vcenters[1].retry, std::chrono::seconds(60));
  EXPECT_EQ(parsed->vcenters[1].name, "vc2.example.com:8443") << "the name defaults to the host";
  const auto& rules = parsed->guest.rules;
  ASSERT_EQ(rules.size(), 4u);
  EXPECT_EQ(rules[0].name, "override 1");
  EXPECT_EQ(describe(rules[0].who),
            "vm \"db-*\" and folder \"Paris/*\" and guest_family \"linux*\" and host \"esx*\" and "
            "cluster \"blue\" and instance_uuid \"5012f0a4-6c1e-4f6b-9d3a-0123456789ab\" or "
            "\"5012F0A4-6C1E-4F6B-9D3A-0123456789AC\" and tag \"Env/Prod\"");
  EXPECT_TRUE(is_for(rules[0], "prod"));
  EXPECT_TRUE(is_for(rules[0], "vc2.example.com:8443"));
  EXPECT_TRUE(rules[1].skip);
  EXPECT_EQ(rules[1].who.folder, "") << "a pattern that is not given matches everything";
  EXPECT_TRUE(is_for(rules[1], "prod")) << "a rule without a login is for all unless it says so";
  EXPECT_EQ(rules[2].who.folder_ids, std::vector<std::string>{"group-v123"});
  EXPECT_FALSE(is_for(rules[2], "vc2.example.com:8443"));
  EXPECT_TRUE(rules[3].who.matches_all()) << "[guest]'s own login comes last";
  EXPECT_EQ(rules[3].name, "[guest]");
  EXPECT_TRUE(is_for(rules[3], "prod")) << "* is every vCenter";
  EXPECT_EQ(rules[3].password.value, "pass show guests");
  EXPECT_EQ(rules[3].password.hidden, std::vector<std::string>{"VC2_PASSWORD"})
      << "a command must not inherit the passwords in variables";
  EXPECT_EQ(parsed->guest.probe, ProbePolicy::kBallooned);
  EXPECT_EQ(parsed->guest.concurrency, 128u);
  EXPECT_EQ(parsed->guest.concurrency_per_host, 4u);
  EXPECT_EQ(parsed->guest.deadline, std::chrono::seconds(90));
  EXPECT_EQ(parsed->database, "/tmp/b.db");
  EXPECT_EQ(parsed->keep.raw, std::chrono::hours(48));
  EXPECT_EQ(parsed->keep.hourly, std::chrono::days(28));
  EXPECT_EQ(parsed->keep.daily, std::chrono::days(400));
  EXPECT_EQ(parsed->log_level, "debug");
  EXPECT_TRUE(parsed->log_json);
}

struct WrongCase {
  const char* what;
  const char* text;
  const char* problem;
};

constexpr const char* kGood =
    "[[vcenter]]\nurl = \"https://v\"\nusername = \"u\"\n"
    "password_env = \"P\"\n";

TEST(ParseConfig, AListingComesInPagesUnlessToldOtherwise) {
  const auto parsed = parse_config(
      "[[vcenter]]\nurl = \"https://v\"\nusername = \"u\"\npassword_env = \"P\"\n", "b.toml");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->vcenters[0].page_size, 1000);
}

// Its host is what a vCenter is called by default.
TEST(ParseConfig, AUrlHasAHost) {
  const std::string login = "username = \"u\"\npassword_env = \"P\"\n";
  for (const char* url : {"//ht:pstv", "https://", "https:///sdk", "https://?x"}) {
    const auto parsed =
        parse_config("[[vcenter]]\nurl = \"" + std::string(url) + "\"\n" + login, "b.toml");
    ASSERT_FALSE(parsed) << url;
    EXPECT_THAT(parsed.error().message, HasSubstr("b.toml:2: url has no host")) << url;
  }
}

TEST(ParseConfig, EachVcenterKnowsTheOthers) {
  const std::string login = "username = \"u\"\npassword_env = \"P\"\n";
  const auto parsed = parse_config(
      "[[vcenter]]\nurl = \"https://a\"\n" + login + "[[vcenter]]\nurl = \"https://b\"\n" + login,
      "b.toml");
  ASSERT_TRUE(parsed) << parsed.error().sentence();
  ASSERT_EQ(parsed->vcenters[0].others.size(), 1U);
  EXPECT_EQ(parsed->vcenters[0].others[0].name, "b");
  EXPECT_EQ(parsed->vcenters[0].others[0].url, "https://b");
  ASSERT_EQ(parsed->vcenters[1].others.size(), 1U);
  EXPECT_EQ(parsed->vcenters[1].others[0].url, "https://a");
}

TEST(ParseConfig, SaysWhatIsWrongAndOnWhichLine) {
  const WrongCase cases[] = {
      {"unknown key", "usrname = \"x\"\n",
       "b.toml:5: unknown key \"usrname\"; did you mean username?"},
      {"unknown section", "[gest]\n", "b.toml:5: unknown key \"gest\""},
      {"wrong type", "page_size = \"9\"\n", "b.toml:5: page_size must be a whole number"},
      {"out of range", "max_connections = 0\n", "b.toml:5: max_connections must be a whole number"},
      {"bad duration", "request_timeout = \"soon\"\n",
       "b.toml:5: request_timeout must be a duration"},
      {"password in the file", "password = \"secret\"\n", "b.toml:5: a password does not belong"},
      {"two trusts", "insecure = true\nthumbprint = \"aa\"\n", "exclude each other"},
      {"a proxy to nowhere", "no_proxy = \"lab.example\"\n", "b.toml:5: no_proxy needs a proxy"},
      {"a proxy with a login", "proxy = \"http://u:p@proxy\"\n",
       "b.toml:5: a login does not belong here"},
      {"two passwords", "password_file = \"f\"\n", "more than one of password_file"},
      {"a token beside a password", "token_file = \"f\"\n",
       "a token takes no username and no password"},
      {"a token in the file", "token = \"secret\"\n", "b.toml:5: a token does not belong"},
      {"a token that is not wanted", "login = \"sso\"\ntoken_command = \"c\"\n",
       "b.toml:5: token_file and token_command need login = \"token\""},
      {"a token from nowhere", "login = \"token\"\n",
       "b.toml:5: login = \"token\" needs token_file or token_command"},
      {"a value with a line of its own", "login = \"a\\nb\"\n",
       "b.toml:5: login = \"a\\x0ab\" is not one of password, sso, token"},
      {"an unknown way in", "login = \"kerberos\"\n", "is not one of password, sso, token"},
      {"a place nobody asks", "sts_url = \"https://psc/sts\"\n",
       "b.toml:5: sts_url needs login = \"sso\""},
      {"tags, which a token does not open", "token_file = \"f\"\ntags = [\"Env/Prod\"]\n",
       "b.toml:6: tags need a login with a password"},
      {"a thumbprint for two servers",
       "login = \"sso\"\nthumbprint = \"aa\"\nsts_url = \"https://psc/sts\"\n",
       "b.toml:7: sts_url needs ca_file in place of thumbprint"},
      {"a certificate without its key", "client_cert_file = \"c\"\n", "need each other"},
      {"bad choice", "[guest]\nprobe = \"some\"\n", "is not one of all, ballooned, adaptive"},
      {"interval of another policy", "[guest]\nprobe_interval = \"9h\"\n",
       "b.toml:6: probe_interval needs probe = \"adaptive\""},
      {"a login beside reports",
       "[guest]\nprobe = \"guestinfo\"\nusername = \"u\"\n"
       "password_file = \"f\"\n",
       "username has no use with probe = \"guestinfo\""},
      {"a login in an override beside reports",
       "[[guest.override]]\nvm = \"a\"\n"
       "probe = \"guestinfo\"\nusername = \"u\"\npassword_file = \"f\"\n",
       "username has no use with probe = \"guestinfo\""},
      {"a policy in an override", "[[guest.override]]\nvm = \"a\"\nprobe = \"adaptive\"\n",
       "probe = \"adaptive\" is not one of"},
      {"no such channel", "[guest]\nchannel = \"ftp\"\n", "is not one of auto, file, guestinfo"},
      {"too rare to learn from", "[guest]\nprobe = \"adaptive\"\nprobe_interval = \"5d\"\n",
       "b.toml:7: probe_interval must be at most \"4d\""},
      {"no schedule", "name = \"x\"\nschedule = \"0 25 * * *\"\n", "b.toml:6: schedule: "},
      {"jitter beyond the next slot", "schedule = \"5m\"\njitter = \"5m\"\n",
       "b.toml:6: jitter must be shorter"},
      {"impatient", "retry = \"0s\"\n", "b.toml:5: retry must be a duration"},
      {"bad format", "[log]\nformat = \"xml\"\n",
       "b.toml:6: format = \"xml\" is not one of text, json"},
      {"override for whom?", "[[guest.override]]\nskip = true\n",
       "b.toml:5: an override needs to say for whom it is: vm, folder or another pattern"},
      {"a pattern that would match nothing", "[[guest.override]]\nvm = \"web%2F*\"\nskip = true\n",
       "b.toml:6: vm: write / for %2f"},
      {"login cut in half", "[guest]\nusername = \"x\"\n", "username without a password"},
      {"idle override", "[[guest.override]]\nvm = \"a\"\n", "needs a username and password"},
      {"section as a value", "guest = 3\n", "unknown key"},
      {"a day cannot be built", "[storage]\nkeep_raw = \"47h\"\n",
       "b.toml:5: keep_raw must be at least \"2d\""},
      {"hours gone before samples", "[storage]\nkeep_hourly = \"29d\"\n",
       "b.toml:5: keep_hourly must not be shorter than keep_raw"},
      {"days gone before hours", "[storage]\nkeep_daily = \"179d\"\n", "nor keep_daily than"},
      {"keep what?", "[storage]\nkeep = \"9d\"\n",
       "did you mean keep_daily or keep_hourly or keep_raw?"},
      {"not TOML", "name = \n", "b.toml:5:"},
      {"same name twice",
       "name = \"v\"\n[[vcenter]]\nurl = \"https://v\"\nusername = \"u\"\npassword_env = \"P\"\n",
       "two vCenters are named \"v\""},
  };
  for (const auto& c : cases) {
    const auto parsed = parse_config(std::string(kGood) + c.text, "b.toml");
    ASSERT_FALSE(parsed) << c.what;
    EXPECT_EQ(parsed.error().code, ErrorCode::kConfig) << c.what;
    EXPECT_THAT(parsed.error().message, HasSubstr(c.problem)) << c.what;
    EXPECT_THAT(parsed.error().message, ::testing::Not(HasSubstr("secret")))
        << c.what << ": a password written by mistake must not be repeated";
  }
}

TEST(ParseConfig, WaysToLogIn) {
  const auto password = parse_config(kGood, "b.toml");
  ASSERT_TRUE(password);
  EXPECT_EQ(password->vcenters[0].login, LoginKind::kPassword);

  const auto sso = parse_config(
      std::string(kGood) + "login = \"sso\"\nsts_url = \"https://psc/sts/STSService\"\n", "b.toml");
  ASSERT_TRUE(sso) << sso.error().message;
  EXPECT_EQ(sso->vcenters[0].login, LoginKind::kSso);
  EXPECT_EQ(sso->vcenters[0].sts_url, "https://psc/sts/STSService");

  const auto token = parse_config(
      "[[vcenter]]\nurl = \"https://v\"\ntoken_command = \"get-token\"\n"
      "client_cert_file = \"c.pem\"\nclient_key_file = \"c.key\"\n"
      "[[vcenter]]\nurl = \"https://w\"\ntoken_file = \"w.token\"\n"
      "[[vcenter]]\nurl = \"https://x\"\nusername = \"u\"\npassword_env = \"P\"\n",
      "/etc/ballast/b.toml");
  ASSERT_TRUE(token) << token.error().message;
  const auto& by_command = token->vcenters[0];
  EXPECT_EQ(by_command.login, LoginKind::kToken) << "a token says enough";
  EXPECT_EQ(by_command.token.kind, SecretSource::Kind::kCommand);
  EXPECT_EQ(by_command.token.hidden, std::vector<std::string>{"P"})
      << "a command must not inherit the passwords in variables";
  EXPECT_EQ(by_command.client_cert_file, "/etc/ballast/c.pem");
  EXPECT_EQ(by_command.client_key_file, "/etc/ballast/c.key");
  EXPECT_EQ(token->vcenters[1].token.value, "/etc/ballast/w.token");
}

TEST(ParseConfig, RollupsAreKeptAtLeastAsLongAsWhatTheyAreBuiltFrom) {
  const auto usual = parse_config(kGood, "b.toml");
  ASSERT_TRUE(usual) << usual.error().message;
  EXPECT_EQ(usual->keep.raw, std::chrono::days(30));
  EXPECT_EQ(usual->keep.hourly, std::chrono::days(180));
  EXPECT_EQ(usual->keep.daily, std::chrono::days(1825));
  const auto longer =
      parse_config(std::string(kGood) + "[storage]\nkeep_raw = \"3000d\"\n", "b.toml");
  ASSERT_TRUE(longer) << longer.error().message;
  EXPECT_EQ(longer->keep.hourly, std::chrono::days(3000));
  EXPECT_EQ(longer->keep.daily, std::chrono::days(3000));
}

TEST(ParseConfig, JitterFollowsTheSchedule) {
  const struct {
    const char* text;
    std::chrono::seconds jitter;
  } rows[] = {{"", std::chrono::minutes(5)},
              {"schedule = \"10m\"\n", std::chrono::minutes(1)},
              {"schedule = \"7d\"\n", std::chrono::minutes(5)},
              {"schedule = \"15 3 * * *\"\n", std::chrono::seconds(0)},
              {"schedule = \"1h\"\njitter = \"0s\"\n", std::chrono::seconds(0)}};
  for (const auto& row : rows) {
    const auto parsed = parse_config(std::string(kGood) + row.text, "b.toml");
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->vcenters[0].schedule.jitter, row.jitter) << row.text;
  }
}

TEST(ParseConfig, AdaptivePolicyHasAnInterval) {
  const std::string adaptive = std::string(kGood) + "[guest]\nprobe = \"adaptive\"\n";
  const auto usual = parse_config(adaptive, "b.toml");
  ASSERT_TRUE(usual) << usual.error().message;
  EXPECT_EQ(usual->guest.probe, ProbePolicy::kAdaptive);
  EXPECT_EQ(usual->guest.probe_interval, std::chrono::hours(24));
  const auto given = parse_config(adaptive + "probe_interval = \"6h\"\n", "b.toml");
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(given->guest.probe_interval, std::chrono::hours(6));
}

TEST(ParseConfig, ReportsAllMistakesAtOnce) {
  const auto parsed = parse_config("[[vcenter]]\nurl = 3\n[log]\nlevel = \"loud\"\n", "b.toml");
  ASSERT_FALSE(parsed);
  for (const char* problem :
       {"url must be a text", "username is missing", "no password", "\"loud\" is not one of"}) {
    EXPECT_THAT(parsed.error().message, HasSubstr(problem));
  }
}

TEST(ParseConfig, NeedsAVcenter) {
  const auto parsed = parse_config("", "b.toml");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("no [[vcenter]] section"));
}

TEST(ParseConfig, ReadsWhatAScanIsLimitedTo) {
  const auto parsed = parse_config(
      "[[vcenter]]\nurl = \"https://vc\"\nusername = \"u\"\npassword_env = \"P\"\n"
      "datacenters = [\"Paris\"]\nfolders = [\"Paris/Linux\", \"Paris/Web\"]\n"
      "clusters = [\"prod-*\"]\ntags = [\"*/Prod\"]\n",
      "b.toml");
  ASSERT_TRUE(parsed) << parsed.error().sentence();
  EXPECT_EQ(describe(parsed->vcenters[0].scope),
            "datacenters \"Paris\" and folders \"Paris/Linux\" or \"Paris/Web\" and "
            "clusters \"prod-*\" and tags \"*/Prod\"");
}

TEST(ParseConfig, ComplainsAboutWrongLimits) {
  const struct {
    const char* line;
    const char* problem;
  } rows[] = {
      {"clusters = \"prod\"", "b.toml:5: clusters must be a list of texts, [\"…\"], not empty"},
      {"clusters = []", "b.toml:5: clusters must be a list of texts, [\"…\"], not empty"},
      {"clusters = [\"a\", 1]", "b.toml:5: clusters must be a list of texts"},
      {"folders = [\"\"]", "b.toml:5: folders: \"\": a pattern cannot be empty"},
      {"folders = [\"a/b%2Fc\"]", "b.toml:5: folders: \"a/b%2Fc\": write / for %2f"},
      {"tags = [\"Prod\"]",
       "b.toml:5: tags: \"Prod\": write \"Category/Tag\", or \"*/Tag\" for a tag of any category"},
      {"tags = [\"/Prod\"]", "write \"Category/Tag\""},
      {"tags = [\"Env/\"]", "write \"Category/Tag\""},
      {"cluster = [\"prod\"]", "b.toml:5: unknown key \"cluster\"; did you mean clusters"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_config(
        std::string("[[vcenter]]\nurl = \"https://vc\"\nusername = \"u\"\npassword_env = "
                    "\"P\"\n") +
            row.line,
        "b.toml");
    ASSERT_FALSE(parsed) << row.line;
    EXPECT_THAT(parsed.error().message, HasSubstr(row.problem)) << row.line;
  }
}

TEST(ParseConfig, RelativePathsBeginAtTheFile) {
  const auto parsed = parse_config(
      "[[vcenter]]\nurl = \"https://vc\"\nusername = \"u\"\npassword_file = \"vc.password\"\n"
      "ca_file = \"tls/ca.pem\"\n[guest]\nusername = \"g\"\npassword_env = \"GUEST\"\n"
      "[[guest.override]]\nvm = \"db*\"\nusername = \"d\"\npassword_file = \"/run/db\"\n"
      "[storage]\npath = \"ballast.db\"\n",
      "/etc/ballast/b.toml");
  ASSERT_TRUE(parsed) << parsed.error().sentence();
  EXPECT_EQ(parsed->vcenters[0].password.value, "/etc/ballast/vc.password");
  EXPECT_EQ(parsed->vcenters[0].ca_file, "/etc/ballast/tls/ca.pem");
  EXPECT_EQ(parsed->database, "/etc/ballast/ballast.db");
  EXPECT_EQ(parsed->guest.rules[0].password.value, "/run/db") << "an absolute path stays";
  EXPECT_EQ(parsed->guest.rules[1].password.value, "GUEST") << "a variable is no path";
}

TEST(LoadConfig, MissingFileNamesThePathAndTheFlag) {
  const auto loaded = load_config("/nonexistent/ballast.toml");
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().sentence(),
              HasSubstr("/nonexistent/ballast.toml: No such file or directory"));
  EXPECT_THAT(loaded.error().sentence(), HasSubstr("--config"));
}

}  // namespace
}  // namespace ballast::collector
