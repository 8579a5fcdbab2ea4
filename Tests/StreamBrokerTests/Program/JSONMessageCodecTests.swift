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
