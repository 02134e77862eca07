using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Orleans.Hosting;

/// <summary>Registration of strategies and their directors.</summary>
public static class PlacementStrategyExtensions
{
    /// <summary>Lets <typeparamref name="TDirector"/> decide for <typeparamref name="TStrategy"/>.</summary>
    public static ISiloBuilder AddPlacementDirector<TStrategy, TDirector>(this ISiloBuilder builder)
        where TStrategy : PlacementStrategy, new()
        where TDirector : class, IPlacementDirector
    {
        builder.Services.AddPlacementDirector<TStrategy, TDirector>();
        return builder;
    }

    /// <summary>Lets the created director decide for <typeparamref name="TStrategy"/>.</summary>
    public static ISiloBuilder AddPlacementDirector<TStrategy>(
        this ISiloBuilder builder, Func<IServiceProvider, IPlacementDirector> createDirector)
        where TStrategy : PlacementStrategy, new()
    {
        builder.Services.AddKeyedSingleton(typeof(TStrategy), (sp, _) => createDirector(sp));
        return builder;
    }

    /// <summary>Lets <typeparamref name="TDirector"/> decide for <typeparamref name="TStrategy"/>.</summary>
    public static void AddPlacementDirector<TStrategy, TDirector>(this IServiceCollection services)
        where TStrategy : PlacementStrategy, new()
        where TDirector : class, IPlacementDirector =>
        services.AddKeyedSingleton<IPlacementDirector, TDirector>(typeof(TStrategy));
}
