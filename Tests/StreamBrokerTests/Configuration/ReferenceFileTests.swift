// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Foundation
import RedisTestSupport
import StreamBroker
import Testing

/// The commented `brokers.yaml` at the root of the repository: right as it is, and with whatever is commented out in it.
@Suite(.inRealTime) struct ReferenceFileTests {
    @Test(arguments: [
        (nil, ["redis-streams", "redis-pubsub"]), ("development", ["memory", "memory"]),
        ("production", ["redis-streams", "redis-pubsub"]), ("sentinel", ["redis-streams", "redis-pubsub"]),
        ("cluster", ["redis-streams", "redis-pubsub"]),
    ])
    func canBeUsedInEveryEnvironment(_ environment: String?, providers: [String]) throws {
        let variables = environment == "production" ? ["REDIS_URL": "redis://redis.shop/1"] : [:]
        let configuration = try ConfigurationLoader.load(
            path: Repository.path("brokers.yaml"), environment: environment, variables: variables,
            factories: BuiltInProviders.factories)
        #expect(configuration.brokers.map(\.provider) == providers)
        #expect(configuration.streams.count == 3)
    }

    @Test func hasToBeToldItsServerInProduction() throws {
        let report = try ConfigurationLoader.inspect(
            path: Repository.path("brokers.yaml"), environment: "production", variables: [:],
            factories: BuiltInProviders.factories)
        #expect(report.problems.map(\.message) == ["the variable REDIS_URL is not set: set REDIS_URL in production"])
    }

    @Test func namesEveryKey() throws {
        let text = try Repository.text("brokers.yaml")
        for key in ConfigurationKeys.all + RedisBrokerKeys.all + RedisPubSubKeys.all {
            #expect(text.contains("\(key.components.last ?? ""):"), "\(key.name)")
        }
    }

    @Test func showsTheDefaults() throws {
        let configuration = try ConfigurationLoader.load(
            path: Repository.path("brokers.yaml"), variables: [:], factories: BuiltInProviders.factories)
        #expect(ConsumerSettings(configuration.defaults) == ConsumerSettings())
        #expect(configuration.drain == .seconds(30))
    }
}

extension ReferenceFileTests {
    private static let variables = ["REDIS_URL": "rediss://redis.shop:6380", "REDIS_PASSWORD": "sesame"]
    private static let environments = [nil, "development", "production"]

    @Test func takesEachOptionThatIsCommentedOut() async throws {
        let reference = CommentedFile(try Repository.text("brokers.yaml"))
        #expect(reference.options.count >= 13)
        try await withCertificates { folder in
            for option in reference.options {
                let text = Self.naming(folder, in: reference.uncommenting(option))
                for environment in Self.environments {
                    let report = Self.report(on: text, environment)
                    #expect(report.problems.map(\.description) == [], "\(reference.lines[option]) \(environment ?? "")")
                }
                let isRead = Self.report(on: text, nil).readings.contains { $0.position?.line == option + 1 }
                #expect(isRead != reference.isSection(option), "nothing reads \(reference.lines[option])")
            }
        }
    }

    @Test func takesAllOfThemTogether() async throws {
        let reference = CommentedFile(try Repository.text("brokers.yaml"))
        try await withCertificates { folder in
            let text = Self.naming(folder, in: reference.uncommentingAll)
            for environment in Self.environments {
                #expect(Self.report(on: text, environment).problems.map(\.description) == [], "\(environment ?? "")")
            }
        }
    }

    private static func report(on text: String, _ environment: String?) -> ConfigurationReport {
        ConfigurationLoader.inspect(
            Array(text.utf8), file: "brokers.yaml", environment: environment, variables: variables,
            factories: BuiltInProviders.factories)
    }

    private static func naming(_ folder: String, in text: String) -> String {
        ["authorities.pem", "worker.pem", "worker.key"].reduce(text) { text, file in
            text.replacing(": \(file) ", with: ": \(folder)/\(file) ")
        }
    }

    /// A folder with the files that the reference names, which are read with the configuration.
    private func withCertificates(_ body: (String) throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "streambroker-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = """
            cd "$0"
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=worker \
              -keyout worker.key -out worker.pem
            cp worker.pem authorities.pem
            """
        try await runProgram("sh", ["-ec", script, folder])
        try body(folder)
    }
}

/// A file whose options are in part commented out: `# key: value`. Comments for people begin with a capital letter.
private struct CommentedFile {
    let lines: [String]
    /// The numbers of the lines that hold such an option, from 0.
    let options: [Int]

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        options = lines.indices.filter { lines[$0].contains(#/^ *# +[a-z-]+:( |$)/#) }
        self.lines = lines
    }

    /// Whether the option has no value in its line: it is the key above others.
    func isSection(_ option: Int) -> Bool { lines[option].contains(#/^ *# +[a-z-]+: *(#|$)/#) }

    /// The file with an option taken in, as a person does it: with the key above it, and with what it names beside it.
    func uncommenting(_ option: Int) -> String {
        var chosen = [option] + sections(above: option)
        if let other = lines[option].firstMatch(of: #/# with ([a-z-]+)/#)?.1 {
            let partner = options.first { lines[$0].contains("# \(other):") || lines[$0].contains("#   \(other):") }
            chosen += partner.map { [$0] } ?? []
        }
        return text(uncommenting: Set(chosen))
    }

    var uncommentingAll: String { text(uncommenting: Set(options)) }

    private func sections(above option: Int) -> [Int] {
        let depth = Self.depth(of: lines[option])
        let above = options.last { $0 < option && Self.depth(of: lines[$0]) < depth }
        guard let above, isSection(above), (above...option).allSatisfy(options.contains) else { return [] }
        return [above]
    }

    private func text(uncommenting chosen: Set<Int>) -> String {
        lines.enumerated().map { number, line in
            chosen.contains(number) ? line.replacing("# ", with: "", maxReplacements: 1) : line
        }.joined(separator: "\n")
    }

    /// In which column the key of a commented option begins.
    private static func depth(of line: String) -> Int {
        line.prefix { $0 == " " || $0 == "#" }.count
    }
}
