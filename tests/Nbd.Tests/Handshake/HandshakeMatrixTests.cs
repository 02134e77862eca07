namespace SnapshotGrains.Nbd.Tests;

/// <summary>
/// Test catalogue 1: every option, flag and order of the handshake is answered as proto.md says, 60 cases and more;
/// and after each of them the server serves the next client.
/// </summary>
public sealed class HandshakeMatrixTests : IAsyncLifetime
{
    private readonly TestServer _server = new();

    public static TheoryData<string> Names => new(HandshakeCases.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_answered_as_the_specification_says(string name)
    {
        using var peer = _server.Connect();
        HandshakeCases.All[name](peer);
        _server.ShouldServeNextClient();
    }

    /// <summary>The catalogue asks for sixty; nobody may remove some unseen.</summary>
    [Fact]
    public void There_are_sixty_cases() => HandshakeCases.All.Count.Should().BeGreaterThanOrEqualTo(60);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();
}
