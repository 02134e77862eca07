using System.Reflection;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>Makes the calls of one method, typed by its result.</summary>
internal abstract class CallFactory
{
    public abstract GrainCall Create(in CallDetails details);

    public static CallFactory For(MethodInfo method)
    {
        var type = method.ReturnType;
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var factory = definition == typeof(Task<>) ? typeof(TaskFactoryOf<>)
            : definition == typeof(ValueTask<>) ? typeof(ValueTaskFactoryOf<>)
            : null;
        if (factory is not null)
        {
            return (CallFactory)Activator.CreateInstance(factory.MakeGenericType(type.GenericTypeArguments))!;
        }

        return type == typeof(Task) ? new TaskFactory()
            : type == typeof(ValueTask) ? new ValueTaskFactory()
            : type == typeof(void) ? new VoidFactory()
            : throw new NotSupportedException(
                $"{method.DeclaringType}.{method.Name} returns {type}; grain methods return Task or ValueTask.");
    }

    private sealed class TaskFactoryOf<T> : CallFactory
    {
        public override GrainCall Create(in CallDetails details) => new GrainCall<T>(
            details, static returned => (Task<T>?)returned, static task => task);
    }

    private sealed class ValueTaskFactoryOf<T> : CallFactory
    {
        public override GrainCall Create(in CallDetails details) => new GrainCall<T>(
            details, static returned => ((ValueTask<T>)returned!).AsTask(), static task => new ValueTask<T>(task));
    }

    private sealed class TaskFactory : CallFactory
    {
        public override GrainCall Create(in CallDetails details) => new GrainCall<NoResult>(
            details, static returned => (Task?)returned, static task => task);
    }

    private sealed class ValueTaskFactory : CallFactory
    {
        public override GrainCall Create(in CallDetails details) => new GrainCall<NoResult>(
            details, static returned => ((ValueTask)returned!).AsTask(), static task => new ValueTask(task));
    }

    private sealed class VoidFactory : CallFactory
    {
        public override GrainCall Create(in CallDetails details) => new GrainCall<NoResult>(
            details, static _ => Task.CompletedTask, static _ => null);
    }
}
