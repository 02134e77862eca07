namespace SnapshotGrains.Engine.Tests.Activations;

[GenerateSerializer]
public sealed class TestFailureException(string message, Exception? inner) : Exception(message, inner)
{
    [Id(0)]
    public int Code { get; set; } = 7;
}
