// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What the documentation shows as code is code that the tests compile and run.
@Suite struct DocumentationTests {
    @Test func theVirtualTimeExampleOfTheReadmeIsTheTestThatRuns() throws {
        let shown = try #require(
            try Repository.text("README.md").between("<!-- virtual-time example: begin -->\n```swift\n", "```\n"))
        let test = try Repository.text("Tests/StreamBrokerTests/ReadmeExampleTests.swift")
        let code = try #require(test.between("SPDX-License-Identifier: Apache-2.0\n\n", nil))
        #expect(shown == code)
    }
}

extension String {
    /// What stands between two marks; with no second one, all that follows the first.
    func between(_ first: String, _ second: String?) -> String? {
        guard let start = range(of: first)?.upperBound else { return nil }
        guard let second else { return String(self[start...]) }
        return range(of: second, range: start..<endIndex).map { String(self[start..<$0.lowerBound]) }
    }
}
