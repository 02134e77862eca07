using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using SnapshotGrains.Agent;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Agents;

/// <summary>An agent as a compute host has it, on a socket in a directory of its own.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();

    private TestAgent()
    {
    }

    public AgentProcess Process { get; private set; } = null!;

    public string Socket => _directory["agent.sock"];

    public static async Task<TestAgent> StartAsync(
        Uri server, string[] names, DiskAccess access = DiskAccess.ReadWrite, ClientOptions? options = null)
    {
        var agent = new TestAgent();
        try
        {
            agent.Process = await AgentProcess.StartAsync(
                new AgentSettings
                {
                    Server = server,
                    Names = names,
                    Access = access,
                    Endpoints = [new UnixDomainSocketEndPoint(agent.Socket)],
                    Client = options ?? new ClientOptions(),
                },
                NullLoggerFactory.Instance,
                CancellationToken.None);
            return agent;
        }
        catch
        {
            agent._directory.Dispose();
            throw;
        }
    }

    public string UriOf(string export) => $"nbd+unix:///{export}?socket={Socket}";

    public Task<NbdClient> ConnectAsync(string export) =>
        NbdClient.ConnectAsync(new NbdUri { SocketPath = Socket, ExportName = export });

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _directory.Dispose();
    }
}
