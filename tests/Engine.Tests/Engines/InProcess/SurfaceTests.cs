namespace SnapshotGrains.Engine.Tests.Surface;

public sealed class SurfaceTests
{
    // The in-process engine declares exactly what the list says. The same list is held against Orleans by the test of
    // this name on that engine, so together they show that nothing is declared that Orleans does not have.
    // After a change, set UPDATE_ORLEANS_API to the list's path to write it anew, and run the tests on Orleans.
    [Fact]
    public void The_engine_declares_what_the_list_says()
    {
        var declared = ApiSurface.Of([typeof(IGrain).Assembly]).ToArray();
        if (Environment.GetEnvironmentVariable("UPDATE_ORLEANS_API") is { Length: > 0 } path)
        {
            File.WriteAllLines(path, declared);
            return;
        }

        declared.Should().BeEquivalentTo(OrleansApi.Read());
    }
}
