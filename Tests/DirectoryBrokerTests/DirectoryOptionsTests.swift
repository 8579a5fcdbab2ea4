// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DirectoryBroker
import Foundation
import StreamBroker
import Testing

/// Options of a provider from outside are checked like those of a built-in one.
@Suite struct DirectoryOptionsTests {
    private func problems(of options: String, stream: String = "letters") throws -> String {
        let file = URL(filePath: temporaryPath()).appendingPathExtension("yaml")
        try """
        version: 1
        brokers:
          files:
            provider: directory
        \(options)
        streams:
          "\(stream)": { groups: { print: {} } }
        """.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        do {
            _ = try BrokerRegistry.load(file.path, providers: [DirectoryProviderFactory()])
            return ""
        } catch {
            return error.description.replacing(file.path, with: "brokers.yaml")
        }
    }

    @Test func aMisspeltOptionHasLineColumnAndSuggestion() throws {
        #expect(
            try problems(of: "    pth: /tmp/letters") == """
                brokers.yaml:5:5: error: unknown key 'pth' in brokers.files; did you mean 'path'?
                        pth: /tmp/letters
                        ^^^
                """)
    }

    @Test func aWordThatIsNoneOfTheChoicesHasASuggestion() throws {
        #expect(
            try problems(of: "    path: /tmp/letters\n    sync: allways") == """
                brokers.yaml:6:11: error: 'sync' in brokers.files takes one of always, never; found 'allways'; \
                did you mean 'always'?
                        sync: allways
                              ^^^^^^^
                """)
    }

    @Test func aDirectoryMustBeNamed() throws {
        #expect(try problems(of: "    sync: never").contains("'path' is missing in brokers.files"))
    }

    @Test func whatFilesDoNotPromiseIsAnErrorOfTheFile() throws {
        #expect(try problems(of: "    path: /tmp/letters") == "")
        let found = try problems(of: "    path: /tmp/letters", stream: "letters.*")
        #expect(found.contains("the provider 'directory' of broker 'files' does not promise patterns"))
    }
}
