// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerYAML
import Testing

@Suite struct YAMLReaderTests {
    private func read(_ text: String) -> YAMLDocument {
        YAMLReader.read(Array(text.utf8), file: "f")
    }

    private func problems(_ document: YAMLDocument) -> [String] {
        document.problems.map { "\($0)" }
    }

    @Test func everyKeyAndValueHasItsPlaceInCharacters() throws {
        let entries = try #require(read("a: x\n\"käse\": { brot: wurst }\n").root?.entries)
        #expect(entries.map(\.key) == ["a", "käse"])
        #expect(entries[0].node.position == SourcePosition(file: "f", line: 1, column: 4, length: 1))
        #expect(entries[1].keyPosition == SourcePosition(file: "f", line: 2, column: 1, length: 6))
        let inner = try #require(entries[1].node.entries?.first)
        #expect(inner.keyPosition == SourcePosition(file: "f", line: 2, column: 11, length: 4))
        #expect(inner.node.position == SourcePosition(file: "f", line: 2, column: 17, length: 5))
    }

    @Test(arguments: ["yes", "no", "on", "off", "0123", "1_000", "1:30", "1.10", "2026-01-01", "0x1F", "true"])
    func scalarsAreTextUntilSomebodyAsks(_ text: String) throws {
        let root = try #require(read("key: \(text)").root)
        #expect(root["key"]?.scalar == text)
    }

    @Test(arguments: ["", "~", "null", "Null", "NULL"])
    func nothingIsNullUnlessItIsQuoted(_ text: String) throws {
        #expect(read("key: \(text)").root?["key"]?.isNull == true)
        #expect(read("key: \"\(text)\"").root?["key"]?.scalar == text)
    }

    @Test func aByteOrderMarkAndWindowsLinesAreTaken() throws {
        let document = read("\u{FEFF}a: 1\r\nb:\r\n  c: 2")
        #expect(document.problems.isEmpty)
        let inner = try #require(document.root?["b"]?.entries?.first)
        #expect(inner.keyPosition == SourcePosition(file: "f", line: 3, column: 3, length: 1))
        #expect(document.root?.entries?.first?.keyPosition?.column == 1)
    }

    @Test func anAliasStandsForTheValueAndItsPlace() throws {
        let root = try #require(read("x-a: &a { b: c }\nd: *a").root)
        #expect(root["d"]?["b"]?.scalar == "c")
        #expect(root["d"]?["b"]?.position?.line == 1)
    }

    @Test func aThousandNodesMayComeFromAliases() {
        let list = "x: &x [\(Array(repeating: "1", count: 99).joined(separator: ","))]\n"
        #expect(read(list + "y: [\(Array(repeating: "*x", count: 10).joined(separator: ","))]").problems.isEmpty)
        let more = read(list + "y: [\(Array(repeating: "*x", count: 11).joined(separator: ","))]")
        #expect(problems(more) == ["f:2:35: error: aliases stand for more than 1000 values"])
        #expect(more.root == nil)
    }

    @Test func sixtyFourLevelsAreRead() {
        #expect(read(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).problems.isEmpty)
        #expect(
            problems(read(String(repeating: "[", count: 65) + String(repeating: "]", count: 65)))
                == ["f:1:65: error: more than 64 levels deep"])
    }

    @Test func levelsOfAnAliasCountWhereItStands() {
        let anchor = "x: &x " + String(repeating: "[", count: 10) + String(repeating: "]", count: 10) + "\ny: "
        func text(under levels: Int) -> String {
            anchor + String(repeating: "[", count: levels) + "*x" + String(repeating: "]", count: levels)
        }
        #expect(read(text(under: 53)).problems.isEmpty)
        #expect(problems(read(text(under: 54))) == ["f:2:58: error: more than 64 levels deep"])
    }

    @Test func mistakesThatLeaveATreeAreAllFound() {
        let document = read("a: 1\na: 2\nb: !t 3\n<<: {}\nc: *d\n? {e: f}\n: g\nh: [i]")
        #expect(document.problems.map { $0.position?.line } == [2, 3, 4, 5, 6])
        #expect(document.root?.entries?.map(\.key) == ["a", "b", "c", "h"])
    }

    @Test func aNameOfATagOrAliasIsNotShownSinceItMayBeAPassword() {
        let texts = problems(read("password: !canary\nsecret: *canary"))
        #expect(texts.count == 2)
        #expect(!texts.joined().contains("canary"))
    }

    @Test func notUTF8IsSaidWhereItIs() {
        let document = YAMLReader.read(Array("a: 1\nbä: ".utf8) + [0xFF, 0xFE, 0xFA], file: "f")
        #expect(problems(document) == ["f:2:5: error: the file is not UTF-8 here"])
    }

    @Test func aControlCharacterIsSaidWhereItIs() {
        #expect(
            problems(read("a: 1\nbc: \u{1}")) == ["f:2:5: error: control characters are not allowed"])
    }
}
