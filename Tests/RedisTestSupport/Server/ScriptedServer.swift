// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RedisWire

/// A server that answers literally what a test says, over a real socket.
package final class ScriptedServer: Sendable {
    /// What a command is answered.
    package enum Answer: Sendable {
        /// These bytes.
        case bytes(String)
        /// These bytes, one at a time.
        case dribble(String)
        /// These bytes, then the end of the connection.
        case cut(String)
        /// Nothing.
        case silence
        /// What the test gives when it likes; what comes behind it waits.
        case held(HeldAnswer)
    }

    private let channel: any Channel
    private let commands: CommandLog

    /// Where it listens.
    package var port: Int { channel.localAddress?.port ?? 0 }
    /// What it was sent so far, over all connections.
    package var received: [[String]] { commands.all }

    /// Waits until `count` commands were sent to it.
    package func waitForCommands(_ count: Int) async throws {
        try await waitForCommands { $0.count >= count }
    }

    /// Waits until what it was sent is enough.
    package func waitForCommands(_ isEnough: @escaping @Sendable ([[String]]) -> Bool) async throws {
        await commands.wait(until: isEnough)
        try Task.checkCancellation()
    }

    private init(channel: any Channel, commands: CommandLog) {
        self.channel = channel
        self.commands = commands
    }

    /// Runs `body` with a server on a free port. Greets each connection, if asked; returns what a connection says to
    /// introduce itself unless `answer` does.
    package static func with<Result>(
        greeting: String? = nil, answer: @escaping @Sendable ([String]) -> Answer? = { _ in nil },
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let commands = CommandLog()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ScriptHandler(greeting: greeting, commands: commands) { command in
                        answer(command) ?? introduction[command[0]].map { .bytes($0) } ?? .silence
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(channel: channel, commands: commands)
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try await channel.close()
            throw error
        }
    }

    private static let introduction = [
        "AUTH": "+OK\r\n", "SELECT": "+OK\r\n", "CLIENT": "+OK\r\n", "PING": "+PONG\r\n",
    ]
}

/// One connection of the server. Commands are arrays of texts, so the reader of replies reads them.
private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let greeting: String?
    private let commands: CommandLog
    private let answer: ([String]) -> ScriptedServer.Answer
    private let reader = ReplyReader(limits: ReplyLimits())
    /// What comes behind a read that blocks waits for its end.
    private var waiting: [[String]] = []
    private var isBlocked = false

    init(greeting: String?, commands: CommandLog, answer: @escaping ([String]) -> ScriptedServer.Answer) {
        self.greeting = greeting
        self.commands = commands
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        if let greeting { send(greeting, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let reader else { return }
        unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
            try? reader.read(bytes) { () throws(ReplyRefusal) in
                for command in reader.take(1) { take(command.elements.map { $0.string ?? "" }, context) }
            }
        }
    }

    private func take(_ command: [String], _ context: ChannelHandlerContext) {
        if isBlocked { return waiting.append(command) }
        commands.append(command)
        give(answer(command), context)
    }

    private func unblock(_ answer: ScriptedServer.Answer, _ context: ChannelHandlerContext) {
        isBlocked = false
        give(answer, context)
        let commands = waiting
        waiting = []
        for command in commands { take(command, context) }
    }

    private func give(_ answer: ScriptedServer.Answer, _ context: ChannelHandlerContext) {
        switch answer {
        case .bytes(let text): send(text, context)
        case .dribble(let text): for byte in text.utf8 { send(String(UnicodeScalar(byte)), context) }
        case .cut(let text):
            send(text, context)
            context.close(promise: nil)
        case .silence: break
        case .held(let held):
            isBlocked = true
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            held.owe { answer in
                bound.eventLoop.execute {
                    let (handler, context) = bound.value
                    handler.unblock(answer, context)
                }
            }
        }
    }

    private func send(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
