// Prints docs/ACCURACY.md. scripts/accuracy builds and runs it.
#include <exception>
#include <iostream>

#include "tests/accuracy/accuracy_document.h"

int main() {
  try {
    std::cout << ballast::test::accuracy_document();
    return std::cout.flush() ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << "ballast-accuracy: " << problem.what() << "\n";
    return 1;
  }
}
