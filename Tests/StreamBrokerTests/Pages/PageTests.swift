// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import Testing

/// What the pages show is compiled: every block of Swift stands, word for word, in an example, in a file beside this
/// one, or in a manifest that is read.
@Suite(.inRealTime) struct PageTests {
    @Test(arguments: Repository.pages())
    func everyBlockOfSwiftIsCodeThatIsBuilt(page: String) throws {
        let code = try Repository.code()
        for block in try Repository.blocks(of: page, in: "swift") where !Self.isManifest(block) {
            let isBuilt = (0..<6).contains { depth in
                let block = block.indented(by: 4 * depth)
                return code.contains { $0.contains(block) }
            }
            #expect(isBuilt, "no file in Examples or \(Repository.pageCode) has this code of \(page):\n\(block)")
        }
    }

    @Test func thePagesShowCode() throws {
        let blocks = try Repository.pages().flatMap { try Repository.blocks(of: $0, in: "swift") }
        #expect(blocks.count >= 30)
    }

    /// It is not resolved: that would need a clone beside it.
    @Test func everyManifestIsOneThatSwiftPMReads() async throws {
        let manifests = try Repository.pages().flatMap { try Repository.blocks(of: $0, in: "swift") }
            .filter(Self.isManifest)
        #expect(!manifests.isEmpty)
        for manifest in manifests {
            let folder = FileManager.default.temporaryDirectory.appending(path: "Shop-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try manifest.write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
            let command = "\"$0\" package --package-path \"$1\" dump-package > /dev/null"
            try await runProgram("sh", ["-c", command, Repository.path("Scripts/swift"), folder.path])
        }
    }

    /// Blank lines, comments and the licence count.
    @Test func theExampleOfAProviderHasAtMostTwoHundredLines() throws {
        let folder = "Examples/CustomProvider/DirectoryBroker"
        let lines = try Repository.files(in: folder, endingIn: ".swift").map { file in
            try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false).count - 1
        }
        #expect(lines.reduce(0, +) <= 200)
    }

    private static func isManifest(_ block: String) -> Bool { block.hasPrefix("// swift-tools-version") }
}

extension Repository {
    fileprivate static let pageCode = "Tests/StreamBrokerTests/Pages"

    /// The front page and every page of docs.
    fileprivate static func pages() -> [String] {
        ["README.md"] + files(in: "docs", endingIn: ".md")
    }

    /// Where the code of the pages may stand.
    fileprivate static func code() throws -> [String] {
        try ["Examples", "Tests/DirectoryBrokerTests", pageCode].flatMap { files(in: $0, endingIn: ".swift") }
            .filter { !$0.hasSuffix("PageTests.swift") }.map(text)
    }

    /// The fenced blocks of a page that are in that language.
    fileprivate static func blocks(of page: String, in language: String) throws -> [String] {
        try text(page).components(separatedBy: "\n```\(language)\n").dropFirst().map { part in
            part.components(separatedBy: "\n```")[0] + "\n"
        }
    }
}

extension String {
    /// The same lines, further to the right.
    fileprivate func indented(by count: Int) -> String {
        let space = String(repeating: " ", count: count)
        return split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : space + $0 }
            .joined(separator: "\n")
    }
}
