using System.Reflection;

namespace SnapshotGrains.Engine.Tests.Surface;

public sealed class SurfaceTests
{
    // Every line of the list, which is all that the in-process engine declares, is true of Orleans.
    [Fact]
    public void Orleans_declares_what_the_list_says()
    {
        var assemblies = Directory.EnumerateFiles(AppContext.BaseDirectory, "Orleans*.dll").Select(Assembly.LoadFrom);
        OrleansApi.Read().Except(ApiSurface.Of(assemblies)).Should().BeEmpty();
    }
}
