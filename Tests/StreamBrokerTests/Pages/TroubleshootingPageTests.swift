// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The page of what is printed when something is wrong: a test compares each of its texts with what a program prints.
@Suite struct TroubleshootingPageTests {
    @Test func everyTextStandsLiterallyInATest() throws {
        let tests = try Self.tests()
        let texts = try Self.texts()
        #expect(texts.count >= 35)
        for text in texts {
            for part in Self.fixedParts(of: text) {
                #expect(tests.contains { $0.contains(part) }, "no test compares: \(part)")
            }
        }
    }

    /// What varies is not compared; what is left must not be too little to mean anything.
    @Test func everyTextHasAFixedPart() throws {
        for text in try Self.texts() {
            #expect(Self.fixedParts(of: text).contains { $0.count >= 20 }, "\(text)")
        }
    }

    /// The texts of the page; a line that is indented further goes on with the text before it.
    private static func texts() throws -> [String] {
        var texts: [String] = []
        var margin: Int?
        let page = try Repository.text("docs/troubleshooting.md")
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            let indentation = line.prefix { $0 == " " }.count
            if line.hasSuffix("```text") {
                margin = indentation
            } else if line.hasSuffix("```") {
                margin = nil
            } else if let margin, indentation > margin, let last = texts.popLast() {
                texts.append(last + " " + line.trimmingCharacters(in: .whitespaces))
            } else if margin != nil {
                texts.append(line.trimmingCharacters(in: .whitespaces))
            }
        }
        return texts
    }

    /// Without what stands in angle brackets, and without the place in a file.
    private static func fixedParts(of text: String) -> [String] {
        text.replacing(/‹[^›]*›(:\d+:\d+: |\/Shop\.swift:)?/, with: "\u{0}").split(separator: "\u{0}")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.count > 3 }
    }

    /// The sources of all tests but this one. What is split over several lines is one text again.
    private static func tests() throws -> [String] {
        try Repository.files(in: "Tests", endingIn: ".swift").filter { !$0.hasSuffix("TroubleshootingPageTests.swift") }
            .map { file in
                try Repository.text(file).replacing(/"\s*\n\s*\+ "/, with: "").replacing(/\\\n\s*/, with: "")
            }
    }
}
