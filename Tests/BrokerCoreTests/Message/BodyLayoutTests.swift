// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct BodyLayoutTests {
    private static func entry(_ fields: KeyValuePairs<String, String>) -> Message {
        Message(fields: fields.map { Headers.Header(name: $0, value: Payload($1)) })
    }

    private func written(_ layout: BodyLayout, _ message: Message) -> String {
        do throws(BrokerError) {
            return try layout.write(message, for: "orders").fields.map { "\($0.name)=\($0.value.string)" }
                .joined(separator: " ")
        } catch {
            return error.description
        }
    }

    private func shown(_ message: Message) -> String {
        let headers = message.headers.map { "\($0.name)=\($0.value.string)" }.joined(separator: " ")
        return "\(message.hasPayload ? message.payload.string : "none") | \(headers) | \(message.key ?? "")"
    }

    private static let foreign = entry(["type": "order", "payload": "{}", "data": "x", "sb-key": "k", "sb-reason": "r"])

    @Test func theFieldThatTheLayoutNamesIsTheBody() {
        #expect(shown(BodyLayout.standard.read(Self.foreign)) == "x | type=order payload={} sb-reason=r | k")
        #expect(shown(BodyLayout.field("payload").read(Self.foreign)) == "{} | data=x type=order sb-reason=r | k")
        #expect(shown(BodyLayout.field("nothing").read(Self.foreign)).hasPrefix("none | data=x type=order payload={}"))
    }

    @Test func theFirstFieldOfANameIsTheBody() {
        let twice = Self.entry(["payload": "1", "payload": "2"])
        #expect(shown(BodyLayout.field("payload").read(twice)) == "1 | payload=2 | ")
    }

    @Test func fieldsWhoseNamesOnlyLookTheSameAreTwo() throws {
        let alike = Self.entry(["caf\u{65}\u{301}": "1", "caf\u{e9}": "2"])
        let layout = BodyLayout.field("caf\u{e9}")
        #expect(layout.read(alike).payload.string == "2")
        let names = try layout.write(layout.read(alike), for: "orders").fields.map { Array($0.name.utf8) }
        #expect(Set(names) == Set(alike.fields.map { Array($0.name.utf8) }))
        #expect(!layout.reserves("caf\u{65}\u{301}") && layout.reserves("caf\u{e9}"))
    }

    @Test func allFieldsAreOneObjectButThoseOfTheFramework() {
        #expect(
            shown(BodyLayout.fields.read(Self.foreign))
                == #"{"data":"x","type":"order","payload":"{}"} | sb-reason=r | k"#)
        #expect(shown(BodyLayout.fields.read(Message(headers: [:]))) == "{} |  | ")
    }

    @Test func whatAnObjectCannotHoldIsAHeader() {
        var entry = Self.entry(["a": "1", "a": "2", "quote\"": "\\ \n\u{1} é"])
        entry.headers.append("photo", bytes: Payload([0xFF, 0xD8]))
        let message = BodyLayout.fields.read(entry)
        #expect(message.payload.string == #"{"a":"1","quote\"":"\\ \u000a\u0001 é"}"#)
        #expect(message.headers.map(\.name) == ["a", "photo"])
        #expect(message.headers.bytes(of: "photo")?.bytes == [0xFF, 0xD8])
    }

    @Test func aRawEntryHasHeadersOnly() {
        #expect(shown(BodyLayout.raw.read(Self.foreign)) == "none | data=x type=order payload={} sb-reason=r | k")
    }

    @Test(arguments: [BodyLayout.standard, .field("payload"), .field("nothing"), .fields, .raw])
    func whatIsReadAndWrittenAgainHasTheSameFields(_ layout: BodyLayout) throws {
        var odd = Self.entry(["data": "1", "data": "2", "payload": "", "payload": "x", "": "no name"])
        odd.headers.append("photo", bytes: Payload([0xFF, 0xD8]))
        for entry in [Self.foreign, odd, Message(headers: [:])] {
            let again = try layout.write(layout.read(entry), for: "orders")
            #expect(again.key == entry.key)
            #expect(Self.sorted(again) == Self.sorted(entry), "\(layout)")
        }
    }

    private static func sorted(_ message: Message) -> [String] {
        message.fields.map { "\($0.name)=\($0.value.bytes)" }.sorted()
    }

    @Test func aBodyIsWrittenToTheFieldThatTheLayoutNames() {
        let message = Message("{}", key: "k", headers: ["type": "order"])
        #expect(written(.standard, message) == "data={} sb-key=k type=order")
        #expect(written(.field("payload"), message) == "sb-key=k payload={} type=order")
    }

    @Test func eachMemberOfAnObjectIsAField() {
        let body = Message(Payload(#" { "a" : "1" , "b":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00" } "#), headers: ["h": "x"])
        #expect(written(.fields, body) == "a=1 b=\"\\/\u{8}\u{c}\n\r\té😀 h=x")
        #expect(written(.fields, Message("{}")) == "")
    }

    static let bad = [
        ("[1]", "this one is a list"), ("7", "this one is a number"), ("", "this one is empty"),
        ("text", "this one is true or false"), ("hello", "this one is no JSON"), ("null", "this one is null"),
        (#"{"a":1}"#, "the value of 'a' is a number"), (#"{"a":{}}"#, "the value of 'a' is an object"),
        (#"{"a":null}"#, "the value of 'a' is null"), (#"{"a":"1"} x"#, "it is damaged behind its end"),
        (#"{"a":"1""#, "it is damaged behind the value of 'a'"), (#"{"a" "1"}"#, "it is damaged behind the name 'a'"),
        (#"{"a":"1",}"#, "it is damaged where the name of a field is expected"),
        (#"{"a":"\x"}"#, "it is damaged in the value of 'a'"),
        (#"{"a":"\ud800"}"#, "it is damaged in the value of 'a'"),
        (#"{"a":"open"#, "it is damaged in the value of 'a'"), ("{\"a\":\"\n\"}", "it is damaged in the value of 'a'"),
        (#"{"sb-key":"1"}"#, "the name 'sb-key' begins with 'sb-'"),
    ]

    @Test(arguments: bad)
    func aBodyThatIsNoObjectOfStringsIsRefusedByName(_ body: String, _ problem: String) {
        let start = "invalidMessage: stream 'orders' has 'body: fields', so a body is one JSON object of strings: "
        #expect(written(.fields, Message(Payload(body))) == start + problem)
    }

    @Test func aBodyForARawStreamIsRefused() {
        #expect(
            written(.raw, Message("x"))
                == "invalidMessage: stream 'orders' has 'body: raw', so its messages have headers and no body; publish "
                + "Message(headers: …)")
        #expect(written(.raw, Message(headers: ["data": "1", "a": "2"])) == "data=1 a=2")
    }

    @Test func aStreamWithALayoutOfItsOwnKeepsItUnderAPattern() {
        let layouts = StreamLayouts(.fields, except: ["agent.one": .standard, "agent.two": .fields])
        #expect(layouts.layout(of: "agent.one") == .standard)
        #expect(layouts.layout(of: "agent.two") == .fields && layouts.layout(of: "agent.three") == .fields)
        #expect(!layouts.areStandard && StreamLayouts().areStandard)
        #expect(StreamLayouts(.standard, except: ["a": .standard]).areStandard)
    }
}
