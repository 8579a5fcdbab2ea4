// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import Testing

/// What the pages show is compiled: every block of Swift stands, word for word, in an example, in a file beside this
/// one, or in a manifest that is read.
@Suite struct PageTests {
    @Test(arguments: try Repository.pages())
    func everyBlockOfSwiftIsCodeThatIsBuilt(page: String) throws {
        let code = try Repository.swiftFiles().map(Repository.text)
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
        let lines = try Repository.swiftFiles(in: [folder]).map { file in
            try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false).count - 1
        }
        #expect(lines.reduce(0, +) <= 200)
    }

    private static func isManifest(_ block: String) -> Bool { block.hasPrefix("// swift-tools-version") }
}

private enum Repository {
    static let pageCode = "Tests/StreamBrokerTests/Pages"

    private static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    static func path(_ path: String) -> String { root.appending(path: path).path }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The front page and every page of docs.
    static func pages() throws -> [String] {
        try ["README.md"] + files(in: "docs", endingIn: ".md")
    }

    static func swiftFiles(in folders: [String] = ["Examples", "Tests/DirectoryBrokerTests", pageCode]) throws
        -> [String]
    {
        try folders.flatMap { try files(in: $0, endingIn: ".swift") }.filter { !$0.hasSuffix("PageTests.swift") }
    }

    private static func files(in folder: String, endingIn ending: String) throws -> [String] {
        let all = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        return (all?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(ending) }.map { "\(folder)/\($0)" }
            .sorted()
    }

    /// The fenced blocks of a page that are in that language.
    static func blocks(of page: String, in language: String) throws -> [String] {
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
