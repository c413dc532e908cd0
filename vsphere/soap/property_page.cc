#include "vsphere/soap/property_page.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "base/text.h"
#include "vsphere/soap/reader.h"

namespace ballast::vsphere {

// The answer's bytes, which pugixml rewrites in place, and the texts that stood there in pieces.
struct PageText {
  std::string answer;
  std::deque<std::string> joined;
};

namespace {

using pugi::xml_node;

constexpr std::string_view kTypesNamespace = "http://www.w3.org/2001/XMLSchema-instance";
// Limit of one text or attribute that is kept. Names end at 80 characters, annotations are not
// read.
constexpr std::size_t kMaxTextBytes = 256 * 1024;
// Limit of one element. An honest one has a handful.
constexpr int kMaxAttributes = 64;
// Limits of one page. 40,000 VMs are the most that a vCenter holds; asked for are some 20 properties.
constexpr std::size_t kMostOnAPage = 50'000;
constexpr std::size_t kMostProperties = 64;  // of one object
// How much memory the parser may take, beside the text: three times as much, and this.
constexpr std::size_t kParserSlack = 64 * 1024 * 1024;

constexpr unsigned kParsing =
    pugi::parse_escapes | pugi::parse_eol | pugi::parse_cdata | pugi::parse_ws_pcdata_single;

std::string_view without_prefix(std::string_view name) { return name.substr(name.rfind(':') + 1); }

std::string_view name_of(const xml_node& node) { return without_prefix(node.name()); }

xml_node child(const xml_node& parent, std::string_view name) {
  for (auto node = parent.first_child(); node; node = node.next_sibling()) {
    if (name_of(node) == name) return node;
  }
  return {};
}

// Calls use(attribute) until it returns true; returns false if it never does.
template <class Use>
bool any_attribute(const xml_node& node, Use use) {
  int seen = 0;
  for (auto one = node.first_attribute(); one && seen < kMaxAttributes;
       one = one.next_attribute()) {
    if (use(one)) return true;
    ++seen;
  }
  return false;
}

// A sender may give xsi another prefix: whether `prefix` stands for its namespace at this element.
bool declares_types(xml_node node, std::string_view prefix) {
  constexpr std::string_view kDeclares = "xmlns:";
  for (; node; node = node.parent()) {
    std::string_view space;
    const bool found = any_attribute(node, [&](const pugi::xml_attribute& attribute) {
      const std::string_view name = attribute.name();
      if (!name.starts_with(kDeclares) || name.substr(kDeclares.size()) != prefix) return false;
      space = attribute.value();
      return true;
    });
    if (found) return space == kTypesNamespace;
  }
  return false;
}

// Returns the local part of xsi:type, under whatever prefix; "" if there is none.
std::string_view type_of(const xml_node& node) {
  std::string_view type;
  any_attribute(node, [&](const pugi::xml_attribute& attribute) {
    const std::string_view name = attribute.name();
    const auto colon = name.find(':');
    if (colon == std::string_view::npos || name.substr(colon + 1) != "type") return false;
    if (!declares_types(node, name.substr(0, colon))) return false;
    type = without_prefix(attribute.value());
    return true;
  });
  return type;
}

bool is_text(const xml_node& node) {
  return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

// Returns how much memory pugixml will take for its tree, at most: a page of tiny elements would take
// sixteen times its size.
std::size_t tree_bytes(std::string_view text) {
  constexpr std::size_t kNode = 64;
  constexpr std::size_t kAttribute = 48;
  std::size_t nodes = 0;
  std::size_t attributes = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const char next = text[i + 1];
    if (text[i] == '<') nodes += next == '/' ? 0 : 1;
    if (text[i] == '>') nodes += next == '<' ? 0 : 1;
    if (text[i] == '=') attributes += next == '"' || next == '\'' ? 1 : 0;
  }
  return nodes * kNode + attributes * kAttribute;
}

// Reads one page. Views point into `text`.
class PageReader {
 public:
  explicit PageReader(PageText& text) : text_(text) {}

  PropertyPage page_in(const xml_node& result) {
    PropertyPage page;
    for (const auto& node : result.children()) {
      if (name_of(node) == "token") page.token = text_in(node);
      if (name_of(node) != "objects") continue;
      if (page.objects.size() == kMostOnAPage) {
        met_too_many_ = true;
        break;
      }
      page.objects.push_back(object_in(node));
    }
    return page;
  }

  // Returns whether there were more objects than a page may have.
  [[nodiscard]] bool met_too_many() const { return met_too_many_; }

  // Returns whether a text was longer than those of vCenter are.
  [[nodiscard]] bool met_long_text() const { return met_long_text_; }

 private:
  ObjectProperties object_in(const xml_node& content) {
    ObjectProperties object;
    object.properties.reserve(properties_before_);
    for (const auto& node : content.children()) {
      const auto name = name_of(node);
      if (name == "propSet") {
        read_property(node, object);
      } else if (name == "obj") {
        object.object = reference_in(node);
      } else if (name == "missingSet") {
        if (object.missing.size() < kMostProperties) object.missing.push_back(missing_in(node));
      }
    }
    properties_before_ = object.properties.size();
    return object;
  }

  void read_property(const xml_node& set, ObjectProperties& object) {
    const auto name = text_in(child(set, "name"));
    if (name.empty() || object.properties.size() == kMostProperties) return;
    auto& property = object.properties.emplace_back();
    property.name = name;
    if (const auto value = child(set, "val")) property.value = value_in(value);
  }

  MissingProperty missing_in(const xml_node& set) {
    const auto fault = child(child(set, "fault"), "fault");
    return {std::string(text_in(child(set, "path"))), std::string(bounded(type_of(fault)))};
  }

  PropertyValue value_in(const xml_node& node) {
    static constexpr std::string_view kTexts[] = {
        "string", "int",   "boolean", "VirtualMachinePowerState", "VirtualMachineConnectionState",
        "long",   "short", "dateTime"};
    const auto type = type_of(node);
    if (std::find(std::begin(kTexts), std::end(kTexts), type) != std::end(kTexts)) {
      return text_in(node);
    }
    if (type == "OptionValue") return text_in(child(node, "value"));
    if (type == "ManagedObjectReference") return reference_in(node);
    if (type == "VirtualMachineQuickStats") return stats_in(node);
    if (type == "ResourceAllocationInfo") return allocation_in(node);
    if (type == "ArrayOfPerfCounterInfo") return counters_in(node);
    if (type == "ArrayOfHostVirtualNic") return management_address_in(node);
    return {};
  }

  ManagedObject reference_in(const xml_node& node) {
    const std::string_view type = node.attribute("type").value();
    return {std::string(bounded(type)), std::string(text_in(node))};
  }

  model::QuickStats stats_in(const xml_node& node) {
    model::QuickStats stats;
    for (const auto& member : node.children()) {
      const auto name = name_of(member);
      const auto* known =
          std::find_if(model::kQuickStats.begin(), model::kQuickStats.end(),
                       [&](const model::QuickStat& stat) { return stat.property == name; });
      if (known == model::kQuickStats.end()) continue;
      if (const auto figure = figure_of(text_in(member))) {
        stats.*known->member = *figure * known->factor;
      }
    }
    return stats;
  }

  AllocationFigures allocation_in(const xml_node& node) {
    AllocationFigures out;
    const auto limit = text_in(child(node, "limit"));
    out.reservation_mb = figure_of(text_in(child(node, "reservation")));
    out.limit_mb = integer_of(limit) == -1 ? -1 : figure_of(limit);
    return out;
  }

  std::vector<CounterInfo> counters_in(const xml_node& node) {
    const auto key_in = [this](const xml_node& counter, std::string_view description) {
      return std::string(text_in(child(child(counter, description), "key")));
    };
    std::vector<CounterInfo> out;
    for (const auto& counter : node.children()) {
      const auto id = integer_of(text_in(child(counter, "key")));
      if (!id || name_of(counter) != "PerfCounterInfo") continue;
      out.push_back({*id, key_in(counter, "groupInfo"), key_in(counter, "nameInfo"),
                     std::string(text_in(child(counter, "rollupType")))});
    }
    return out;
  }

  // Returns the address of vmk0, which is the management interface unless somebody made another one
  // that.
  std::string_view management_address_in(const xml_node& node) {
    for (const auto& interface : node.children()) {
      if (text_in(child(interface, "device")) != "vmk0") continue;
      return text_in(child(child(child(interface, "spec"), "ip"), "ipAddress"));
    }
    return {};
  }

  // "" if there are elements inside.
  std::string_view text_in(const xml_node& node) {
    const auto first = node.first_child();
    if (!first) return {};
    if (!first.next_sibling()) return is_text(first) ? bounded(first.value()) : std::string_view();
    std::string& whole = text_.joined.emplace_back();
    for (const auto& piece : node.children()) {
      if (!is_text(piece)) return {};
      whole += piece.value();
    }
    return bounded(whole);
  }

  std::string_view bounded(std::string_view text) {
    if (text.size() <= kMaxTextBytes) return text;
    met_long_text_ = true;
    return {};
  }

  PageText& text_;
  std::size_t properties_before_ = 0;  // of the object before: all have the same, as a rule
  bool met_long_text_ = false;
  bool met_too_many_ = false;
};

Error too_large(std::string what) {
  return {ErrorCode::kTooLarge,
          std::move(what),
          "set a smaller page_size for this vCenter in the configuration",
          {}};
}

Error not_parsed(pugi::xml_parse_status status) {
  if (status == pugi::status_out_of_memory) {
    return {ErrorCode::kTooLarge, "there is no memory for the server's answer", {}, {}};
  }
  return malformed_answer("is not well-formed XML, or ended early");
}

}  // namespace

Result<std::string> next_page_token(std::string_view answer, PageKind kind) {
  return SoapReader(answer).read_token(kind == PageKind::kFirst
                                           ? "vim25:RetrievePropertiesExResponse"
                                           : "vim25:ContinueRetrievePropertiesExResponse");
}

Result<PropertyPage> read_property_page(std::string answer, std::string_view token) {
  if (tree_bytes(answer) > 3 * answer.size() + kParserSlack) {
    return fail(too_large("the server's answer has too many elements for its size"));
  }
  auto text = std::make_shared<PageText>();
  text->answer = std::move(answer);
  pugi::xml_document document;
  const auto parsed = document.load_buffer_inplace(text->answer.data(), text->answer.size(),
                                                   kParsing, pugi::encoding_utf8);
  if (!parsed) return fail(not_parsed(parsed.status));
  const auto response = child(document.document_element(), "Body").first_child();
  PageReader reader(*text);
  auto page = reader.page_in(child(response, "returnval"));
  if (reader.met_long_text()) return fail(malformed_answer("holds a text that is too long"));
  if (reader.met_too_many()) {
    return fail(
        too_large(fmt::format("the server's answer has more than {} objects", kMostOnAPage)));
  }
  if (page.token != token) {
    return fail(malformed_answer("names its next page in another place than vCenter does"));
  }
  page.text = std::move(text);
  return page;
}

}  // namespace ballast::vsphere
