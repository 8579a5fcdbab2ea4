// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Code that a page shows of a file stands in that file, letter by letter. A comment before it names the file.
@Suite struct SnippetTests {
    private struct Snippet {
        let file: String
        let code: String
    }

    private func snippets(of page: String) throws -> [Snippet] {
        try Repository.text(page).components(separatedBy: "<!-- ").dropFirst().compactMap { part in
            let halves = part.components(separatedBy: " -->\n```swift\n")
            guard halves.count == 2, let code = halves[1].components(separatedBy: "```\n").first else { return nil }
            return Snippet(file: halves[0], code: code)
        }
    }

    @Test func thePageOnProvidersShowsTheExample() throws {
        let page = try Repository.text("docs/writing-a-provider.md")
        let snippets = try snippets(of: "docs/writing-a-provider.md")
        #expect(snippets.count == page.components(separatedBy: "```swift").count - 1)
        #expect(snippets.count == 9)
        for snippet in snippets {
            #expect(
                try Repository.text(snippet.file).contains(snippet.code), "\(snippet.file) has not:\n\(snippet.code)")
        }
    }

    /// Blank lines, comments and the licence count.
    @Test func theExampleHasAtMostTwoHundredLines() throws {
        let folder = "Examples/CustomProvider/DirectoryBroker"
        let lines = try Repository.files(in: folder).map { file in
            let text = try Repository.text("\(folder)/\(file)")
            return text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        }
        #expect(lines.reduce(0, +) <= 200)
    }
}
