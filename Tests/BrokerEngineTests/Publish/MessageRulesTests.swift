// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct MessageRulesTests {
    private func complaint(_ message: Message, maximumPayload: Int = 10) -> String? {
        do {
            try MessageRules.check(message, for: "orders", maximumPayload: maximumPayload)
            return nil
        } catch {
            return error.description
        }
    }

    private func headers(_ count: Int, bytesEach: Int = 5) -> Headers {
        let name = "name"
        let value = Payload([UInt8](repeating: 65, count: bytesEach - name.utf8.count))
        return Headers((0..<count).map { _ in Headers.Header(name: name, value: value) })
    }

    @Test func aBodyMayHaveAsManyBytesAsTheStreamSays() {
        #expect(complaint(Message("0123456789")) == nil)
        #expect(
            complaint(Message("0123456789A"))
                == "payloadTooLarge: a body for orders may have 10 bytes, this one has 11; raise max-payload or store "
                + "the body elsewhere and publish its place")
    }

    @Test func aMessageMayHave64Headers() {
        #expect(complaint(Message("", headers: headers(64))) == nil)
        #expect(
            complaint(Message("", headers: headers(65)))
                == "invalidMessage: a message may have 64 headers, this one has 65")
    }

    @Test func headersMayHave16KiBTogether() {
        #expect(complaint(Message("", headers: headers(64, bytesEach: 256))) == nil)
        #expect(
            complaint(Message("", headers: headers(64, bytesEach: 257)))
                == "invalidMessage: the headers of a message may have 16384 bytes, these have 16448")
    }

    @Test(arguments: ["data", "sb-", "sb-key", "sb-anything"])
    func namesThatAreOursAreRefused(_ name: String) {
        #expect(
            complaint(Message("", headers: [name: "x"]))
                == "invalidMessage: the header names 'data' and 'sb-…' are StreamBroker's own; choose another name")
    }

    @Test(arguments: ["Data", "database", "sb", "SB-key", "ключ"])
    func namesThatOnlyResembleOursAreTaken(_ name: String) {
        #expect(complaint(Message("", headers: [name: "x"])) == nil)
    }

    @Test func aNameHasCharactersAndNoControlCharacters() {
        #expect(complaint(Message("", headers: ["": "x"])) == "invalidMessage: a header needs a name")
        for name in ["a\nb", "a\u{0}", "\u{7F}"] {
            #expect(
                complaint(Message("", headers: [name: "x"]))
                    == "invalidMessage: a header name may not have control characters")
        }
    }
}
