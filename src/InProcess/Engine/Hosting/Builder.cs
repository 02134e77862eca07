using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace SnapshotGrains.InProcess.Hosting;

/// <summary>What set-up code writes to.</summary>
internal sealed class Builder(IServiceCollection services, IConfiguration configuration) : ISiloBuilder, IClientBuilder
{
    public IServiceCollection Services => services;

    public IConfiguration Configuration => configuration;
}
