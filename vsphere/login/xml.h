// Private to vsphere/login: reading small documents that may hold secrets.
#pragma once

#include <string>
#include <string_view>

#include <pugixml.hpp>

#include "base/secret.h"

namespace ballast::vsphere {

// A document and the text that it was parsed in, which is overwritten at the end.
class SecretDocument {
 public:
  explicit SecretDocument(const std::string& text) : text_(text) {
    // Fragment: so that a text beside the root element is not passed over.
    is_sound_ =
        tree_.load_buffer_inplace(text_.data(), text_.size(),
                                  pugi::parse_default | pugi::parse_fragment, pugi::encoding_utf8);
  }
  ~SecretDocument() { wipe(text_); }
  SecretDocument(const SecretDocument&) = delete;
  SecretDocument& operator=(const SecretDocument&) = delete;

  [[nodiscard]] bool is_sound() const { return is_sound_; }
  [[nodiscard]] pugi::xml_node root() const { return tree_; }
  // Returns where the node's name stood in the text.
  [[nodiscard]] std::size_t place_of(const pugi::xml_node& node) const {
    return static_cast<std::size_t>(node.name() - text_.data());
  }

 private:
  std::string text_;
  pugi::xml_document tree_;
  bool is_sound_ = false;
};

// Returns an element's name without its prefix.
[[nodiscard]] inline std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.rfind(':') + 1);
}

// Returns the first element of that local name below `node`, at any depth; an empty node if there
// is none.
[[nodiscard]] inline pugi::xml_node find_element(const pugi::xml_node& node,
                                                 std::string_view name) {
  return node.find_node([name](const pugi::xml_node& one) { return local_name(one) == name; });
}

}  // namespace ballast::vsphere
