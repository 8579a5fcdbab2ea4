// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Files that were not written to be read: one error each, at once, whatever is in them.
@Suite struct HostileFileTests {
    private func onlyProblem(of bytes: [UInt8]) throws -> String {
        let report = try ConfigurationFixture.report(bytes)
        #expect(throws: ConfigurationError.self) { try report.usable }
        #expect(report.problems.count == 1)
        return report.problems.first.map { "\($0.position?.description ?? "-"): \($0.message)" } ?? ""
    }

    @Test func aNulByteIsRefused() throws {
        #expect(
            try onlyProblem(of: Array("version: 1\nbro\0kers: {}".utf8))
                == "brokers.yaml:2:4: the file holds a NUL byte; is it text in UTF-8?")
    }

    @Test func utf16IsRefusedWithAndWithoutAMark() throws {
        let text = "version: 1\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try onlyProblem(of: [0xFF, 0xFE] + text) == "brokers.yaml:1:1: the file is UTF-16; write it as UTF-8")
        #expect(
            try onlyProblem(of: text) == "brokers.yaml:1:2: the file holds a NUL byte; is it text in UTF-8?")
    }

    @Test func threeMegabytesAreRefusedUnread() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 3 << 20)
        #expect(try onlyProblem(of: bytes) == "brokers.yaml:1:1: the file is larger than 1 MiB")
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func fiveThousandLevelsAreRefusedAtTheirLimit(_ opening: String) throws {
        let bytes = Array(String(repeating: opening, count: 5000).utf8)
        #expect(try onlyProblem(of: bytes).hasSuffix(": more than 64 levels deep"))
    }

    @Test func anAliasBombGoesOffWithoutHarm() throws {
        var text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
        for (name, previous) in zip("bcdefghi", "abcdefgh") {
            text += "\(name): &\(name) [\(Array(repeating: "*\(previous)", count: 9).joined(separator: ","))]\n"
        }
        #expect(try onlyProblem(of: Array(text.utf8)).hasSuffix("aliases stand for more than 1000 values"))
    }

    @Test func aHundredThousandUnknownKeysAreCounted() throws {
        let keys = (0..<80_000).map { "k\($0): 1\n" }.joined()
        let report = try ConfigurationFixture.report(Array((BadConfigurationTests.base + keys).utf8))
        #expect(report.problems.count == 101)
        #expect(report.problems.last?.message == "79900 more unknown keys at the top")
    }

    @Test(arguments: [
        ("/no/such/file", "there is no such file"), ("/tmp", "it is a directory"),
        ("/dev/zero", "it is not a regular file"), ("/dev/null", "it is not a regular file"),
    ])
    func whatIsNoFileCannotBeRead(_ path: String, _ reason: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(path: path, variables: [:], factories: FakeFactory.all)
        }
        #expect(error.isUnreadable)
        #expect(error.exitCode == 66)
        #expect("\(error)" == "error: cannot read '\(path)': \(reason)")
    }

    @Test func aPipeWithoutAWriterIsRefusedAtOnce() throws {
        let file = try ConfigurationFixture([])
        let pipe = file.path + ".pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe) }
        let error = try #require(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(path: pipe, variables: [:], factories: FakeFactory.all)
        }
        #expect(error.exitCode == 66)
        #expect("\(error)".hasSuffix("it is not a regular file"))
    }

    @Test func aWrongFileEndsWithSeventyEight() throws {
        let error = try #require(throws: ConfigurationError.self) { try ConfigurationFixture.load("version: 2") }
        #expect(error.exitCode == 78)
    }
}
