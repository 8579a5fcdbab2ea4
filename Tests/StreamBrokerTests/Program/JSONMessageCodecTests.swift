// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamBroker
import Testing

/// The default codec: what it writes, what it reads, and that nothing it is given can end the process.
@Suite struct JSONMessageCodecTests {
    struct Reading: Codable, Hashable {
        var name: String
        var at: Date
        var values: [Double]
        var note: String?
    }

    let codec = JSONMessageCodec()

    @Test func whatIsWrittenIsReadBack() throws {
        let reading = Reading(name: "ümläut/\u{1F600}", at: Date(timeIntervalSince1970: 86_400), values: [1.5, -2])
        let payload = try codec.encode(reading)
        #expect(payload.string == #"{"at":"1970-01-02T00:00:00Z","name":"ümläut/😀","values":[1.5,-2]}"#)
        #expect(try codec.decode(Reading.self, from: payload) == reading)
    }

    @Test(arguments: [
        ("2026-11-30T12:00:00Z", 1_796_040_000.0), ("2026-11-30T12:00:00.5Z", 1_796_040_000.5),
        ("2026-11-30T12:00:00.123Z", 1_796_040_000.123), ("2026-11-30T12:00:00.123456Z", 1_796_040_000.123),
        ("2026-11-30T14:00:00.25+02:00", 1_796_040_000.25),
    ]) func aDateIsReadWithAndWithoutAFraction(text: String, seconds: Double) throws {
        let date = try codec.decode(Date.self, from: Payload("\"\(text)\""))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.001)
    }

    @Test func aFractionOfASecondIsNotWritten() throws {
        #expect(try codec.encode(Date(timeIntervalSince1970: 1.75)).string == #""1970-01-01T00:00:01Z""#)
    }

    @Test func aTextThatIsNoDateIsAnErrorThatNamesTheType() {
        let error = #expect(throws: DecodingError.self) {
            try codec.decode(Reading.self, from: #"{"name": "", "at": "yesterday", "values": []}"#)
        }
        guard case .typeMismatch(let type, let context) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(type is Date.Type && context.codingPath.map(\.stringValue) == ["at"])
    }

    @Test func theCodersAreChangedInOneLine() throws {
        struct Parcel: Codable, Equatable {
            var sentAt: Date
        }
        let codec = JSONMessageCodec {
            $0.keyEncodingStrategy = .convertToSnakeCase
            $0.dateEncodingStrategy = .millisecondsSince1970
        } decoder: {
            $0.keyDecodingStrategy = .convertFromSnakeCase
            $0.dateDecodingStrategy = .millisecondsSince1970
        }
        let parcel = Parcel(sentAt: Date(timeIntervalSince1970: 1.75))
        let payload = try codec.encode(parcel)
        #expect(payload.string == #"{"sent_at":1750}"#)
        #expect(try codec.decode(Parcel.self, from: payload) == parcel)
    }

    @Test(arguments: ["", "{", "nul", "[1,]", "\u{0}", "{\"name\":1}"])
    func brokenTextIsAnError(text: String) {
        #expect(throws: DecodingError.self) {
            try codec.decode(Reading.self, from: Payload(Array(text.utf8)))
        }
    }

    @Test func bytesThatAreNoTextAreAnError() {
        #expect(throws: DecodingError.self) { try codec.decode(String.self, from: Payload([0x22, 0xFF, 0xFE, 0x22])) }
    }

    /// A decoder that follows the nesting with its stack would end the process here.
    @Test(arguments: [5_000, 1_000_000])
    func deepNestingIsAnErrorAndNoCrash(depth: Int) {
        indirect enum Nest: Decodable {
            case nest([Nest])
            init(from decoder: any Decoder) throws { self = .nest(try [Nest](from: decoder)) }
        }
        for text in ["[", #"{"a":"#] {
            let bytes = Array(String(repeating: text, count: depth).utf8)
            #expect(throws: DecodingError.self) { try codec.decode(Nest.self, from: Payload(bytes)) }
        }
        let closed = Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        #expect(throws: DecodingError.self) { try codec.decode(Nest.self, from: Payload(closed)) }
    }
}
